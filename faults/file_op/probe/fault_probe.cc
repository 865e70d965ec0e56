// A small program that touches files in every way the preload library claims to see; the tests run
// it beneath the library: probe MODE FOLDER.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "faults/api/preload_library.h"

namespace {

void need(bool ok, const char* what) {
  if (ok) return;
  std::perror(what);
  std::exit(1);
}

// The commit of one file: the crash sweep's subject.
void commit(const std::string& folder) {
  const std::string temporary = folder + "/a.tmp";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  need(fd >= 0, "open");
  need(::write(fd, "12345678", 8) == 8, "write");
  need(::fsync(fd) == 0, "fsync");
  need(::close(fd) == 0, "close");
  need(::rename(temporary.c_str(), (folder + "/a").c_str()) == 0, "rename");
  const int parent = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY);
  need(::fsync(parent) == 0, "fsync folder");
  ::close(parent);
}

void streams(const std::string& folder) {
  {
    std::ofstream out(folder + "/s", std::ios::binary);
    out << std::string(20000, 'x') << "tail";
  }
  {
    std::ofstream out(folder + "/s", std::ios::app);
    for (int i = 0; i < 3000; ++i) out << i;
    out.flush();
    out << "end";
  }
  std::fstream both(folder + "/s", std::ios::in | std::ios::out);
  char head[4];
  both.read(head, 4);
  both.seekp(2);
  both << "YY";
  both.close();
  std::ifstream in(folder + "/s");
  std::string text((std::istreambuf_iterator<char>(in)), {});
  need(text.substr(0, 6) == "xxYYxx" && text.ends_with("end"), "content of s");
}

void stdio(const std::string& folder) {
  const std::string name = folder + "/c";
  FILE* file = std::fopen(name.c_str(), "w+e");
  need(file != nullptr, "fopen");
  for (int i = 0; i < 2000; ++i) std::fprintf(file, "line %d\n", i);
  std::fputs("text", file);
  std::fputc('c', file);
  putc('d', file);
  need(std::fflush(file) == 0 && ::fsync(::fileno(file)) == 0, "fflush");
  const std::vector<char> block(50'001, 'b');
  need(std::fwrite(block.data(), 1, block.size(), file) == block.size(), "fwrite");
  need(std::fseek(file, 5, SEEK_SET) == 0 && std::fgetc(file) == '0', "fseek");
  std::rewind(file);
  std::fputs("LINE", file);
  need(std::fclose(file) == 0, "fclose");
  file = ::fdopen(::open(name.c_str(), O_WRONLY | O_APPEND), "a");
  need(file != nullptr && std::fputs("appended", file) >= 0, "fdopen");
  std::setvbuf(file, nullptr, _IONBF, 0);
  std::fputs("unbuffered", file);
  need(std::fclose(file) == 0, "fclose");
  file = std::fopen((folder + "/left-open").c_str(), "w");
  std::fputs("written at exit", file);
}

void names(const std::string& folder) {
  need(::chdir(folder.c_str()) == 0, "chdir");
  need(::mkdir("d", 0755) == 0, "mkdir");
  const int d = ::open("d", O_RDONLY | O_DIRECTORY);
  const int f = ::openat(d, "f", O_CREAT | O_WRONLY, 0644);
  need(d >= 0 && f >= 0, "openat");
  need(::write(f, "data", 4) == 4, "write");
  need(::mkdirat(d, "e", 0755) == 0, "mkdirat");
  need(::renameat(d, "f", d, "e/../g") == 0, "renameat");
  need(::link("d/g", "./h") == 0 && ::linkat(d, "g", AT_FDCWD, "i", 0) == 0, "link");
  need(::symlink("h", "l") == 0 && ::symlinkat("h", d, "l") == 0, "symlink");
  need(::truncate("h", 100) == 0 && ::ftruncate(f, 50) == 0, "truncate");
  need(::unlink("h") == 0 && ::unlinkat(d, "l", 0) == 0 && std::remove("l") == 0, "unlink");
  need(::unlinkat(d, "e", AT_REMOVEDIR) == 0, "unlinkat");
  ::close(f);
  ::close(d);
  std::filesystem::create_directories("x/y/z");
  std::filesystem::copy_file("i", "x/y/copy");
  std::filesystem::rename("x/y/copy", "x/moved");
  std::filesystem::remove_all("x");
  need(::mkdir("d", 0755) != 0, "a folder that is there");  // failures count as attempts
  need(::open("none/f", O_CREAT | O_WRONLY, 0644) < 0, "a folder that is not");
}

void descriptors(const std::string& folder) {
  const int fd = ::creat((folder + "/a").c_str(), 0644);
  const int copy = ::dup(fd);
  const int high = ::fcntl(fd, F_DUPFD_CLOEXEC, 100);
  need(::dup2(fd, 70) == 70 && ::dup3(fd, 71, O_CLOEXEC) == 71, "dup");
  char data[64] = "0123456789abcdef";
  iovec parts[3] = {{data, 4}, {data, 8}, {data, 16}};
  need(::write(copy, data, 4) == 4 && ::pwrite(high, data, 4, 100) == 4, "pwrite");
  need(::writev(70, parts, 3) == 28 && ::pwritev(71, parts, 3, 200) == 28, "writev");
  need(::pwritev2(fd, parts, 2, 300, 0) == 12, "pwritev2");
  ::close(copy);
  ::close(high);
  ::close(70);
  const int in = ::open((folder + "/a").c_str(), O_RDONLY);
  off_t from = 0;
  need(::sendfile(71, in, &from, 10) == 10, "sendfile");
  off64_t at = 0;
  need(::copy_file_range(in, &at, fd, nullptr, 10, 0) == 10, "copy_file_range");
  need(::fdatasync(fd) == 0 && ::sync_file_range(71, 0, 0, SYNC_FILE_RANGE_WRITE) == 0, "sync");
  need(::posix_fallocate(fd, 0, 8192) == 0 && ::fallocate(fd, 0, 0, 8192) == 0, "fallocate");
  void* map = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
                     ::open((folder + "/a").c_str(), O_RDWR), 0);
  need(map != MAP_FAILED && ::msync(map, 4096, MS_SYNC) == 0, "msync");
  ::close(71);
  ::close(fd);
  ::close(in);
  int ends[2];  // the numbers are used again, for something else
  need(::pipe(ends) == 0 && ::write(ends[1], data, 4) == 4, "pipe");
  std::string pattern = folder + "/tXXXXXX";
  const int made = ::mkstemp(pattern.data());
  need(made >= 0 && ::write(made, data, 4) == 4 && ::dprintf(made, "%d", 7) == 1, "mkstemp");
  ::close(made);
}

// The kinds of writes: past the page cache from the open on, from later on, and no longer, also
// through another descriptor of the same file.
void direct(const std::string& folder) {
  alignas(4096) static char block[4096];
  const auto put = [&](int fd) { need(::write(fd, block, sizeof block) == sizeof block, "write"); };
  const int at_once = ::open((folder + "/at-once").c_str(), O_WRONLY | O_CREAT | O_DIRECT, 0644);
  need(at_once >= 0, "open with O_DIRECT");
  put(at_once);
  const int later = ::creat((folder + "/later").c_str(), 0644);
  const int copy = ::dup(later);
  put(later);
  const int flags = ::fcntl(later, F_GETFL);
  need(::fcntl(later, F_SETFL, flags | O_DIRECT) == 0, "F_SETFL");
  put(later);
  put(copy);
  need(::fcntl(copy, F_SETFL, flags) == 0, "F_SETFL");
  put(later);
  for (const int fd : {at_once, copy, later}) ::close(fd);
  const int again = ::open((folder + "/at-once").c_str(), O_WRONLY);  // the same number, perhaps
  put(again);
  need(::posix_fallocate(again, 0, 8192) == 0 && ::ftruncate(again, 5) == 0, "fallocate");
  ::close(again);
}

// The worker's way: arm from inside; a forked child arms itself anew.
void arm_twice(const std::string& folder) {
  const auto arm =
      reinterpret_cast<ckptbench::CkptFaultArm>(::dlsym(RTLD_DEFAULT, "ckptfault_arm"));
  need(arm != nullptr, "ckptfault_arm");
  const std::string parent_log = folder + "/../parent.log";
  const std::string child_log = folder + "/../child.log";
  need(arm(folder.c_str(), "kill nonsense", parent_log.c_str()) == -1, "a bad rule");
  need(arm("relative", "", parent_log.c_str()) == -1, "a relative root");
  need(arm(folder.c_str(), "", (folder + "/no/log").c_str()) == -1, "a log that cannot be opened");
  commit(folder);  // not armed yet: leaves no trace
  need(arm(folder.c_str(), "", parent_log.c_str()) == 0, "arm");
  commit(folder);
  const pid_t child = ::fork();
  if (child == 0) {
    need(arm(folder.c_str(), "kill rename * 1 before", child_log.c_str()) == 0, "arm");
    commit(folder);
    std::_Exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  need(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the child's death");
  need(arm("", "", "") == 0, "disarm");
  commit(folder);
}

void threads(const std::string& folder) {
  std::vector<std::thread> writers;
  for (int t = 0; t < 4; ++t) {
    writers.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        std::ofstream(folder + "/t" + std::to_string(t)) << i;
        if (t == 0 && i % 10 == 0) {
          const pid_t child = ::fork();  // while others are inside the library
          if (child == 0) {
            ::close(::creat((folder + "/forked").c_str(), 0644));
            ::_exit(0);
          }
          ::waitpid(child, nullptr, 0);
        }
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
}

// Each thread appends to a file of its own, in writes that take their time.
void counters(const std::string& folder) {
  std::vector<std::thread> writers;
  for (int t = 0; t < 4; ++t) {
    writers.emplace_back([&, t] {
      const std::string name = folder + "/t" + std::to_string(t);
      const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
      need(fd >= 0, "open");
      const std::string block(1 << 18, 'x');
      for (int i = 0; i < 60; ++i) {
        need(::write(fd, block.data(), block.size()) == static_cast<ssize_t>(block.size()),
             "write");
      }
      ::close(fd);
    });
  }
  for (std::thread& writer : writers) writer.join();
}

// What the library cannot see.
void raw(const std::string& folder) {
  const std::string name = folder + "/raw";
  const long fd = ::syscall(SYS_openat, AT_FDCWD, name.c_str(), O_WRONLY | O_CREAT, 0644);
  need(fd >= 0 && ::syscall(SYS_write, fd, "12345678", 8) == 8, "raw write");
  ::syscall(SYS_close, fd);
}

// Longer than a tick of any file system's clock.
void wait_for_the_clock() {
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

// Written whole as everybody can see, later in place by a raw call: as many bytes as before.
int rewrite_raw(const std::string& folder) {
  const int fd = ::open((folder + "/slot").c_str(), O_RDWR | O_CREAT, 0644);
  need(fd >= 0 && ::write(fd, "12345678", 8) == 8, "write");
  wait_for_the_clock();
  need(::syscall(SYS_pwrite64, fd, "87654321", 8, 0) == 8, "raw pwrite");
  return fd;
}

void raw_in_place(const std::string& folder) {
  ::close(rewrite_raw(folder));
}

// What is seen afterwards hides it from a look at the end.
void raw_between(const std::string& folder) {
  const int fd = rewrite_raw(folder);
  need(::pwrite(fd, "12345678", 8, 0) == 8, "pwrite");
  ::close(fd);
}

void raw_then_gone(const std::string& folder) {
  ::close(rewrite_raw(folder));
  need(::unlink((folder + "/slot").c_str()) == 0, "unlink");
}

// Times that are set, names that move, numbers of files that are used again.
void stamps(const std::string& folder) {
  need(::chdir(folder.c_str()) == 0, "chdir");
  for (int i = 0; i < 20; ++i) {
    commit(folder);
    wait_for_the_clock();
    std::filesystem::copy_file("a", "b", std::filesystem::copy_options::overwrite_existing);
    const timespec past[2] = {{1'000'000, 0}, {1'000'000, 5}};
    need(::utimensat(AT_FDCWD, "b", past, 0) == 0, "utimensat");
    const timeval older[2] = {{900'000, 0}, {900'000, 0}};
    need(::utimes("a", older) == 0 && ::lutimes("a", older) == 0, "utimes");
    need(::link("b", "c") == 0 && ::rename("c", "d") == 0, "rename");
    const int fd = ::open("d", O_WRONLY | O_APPEND);
    need(fd >= 0 && ::write(fd, "x", 1) == 1 && ::futimens(fd, past) == 0, "futimens");
    need(::ftruncate(fd, 4) == 0 && ::close(fd) == 0 && ::truncate("d", 100) == 0, "truncate");
    need(::rename("a", "e") == 0 && ::rename("d", "e") == 0, "rename over");
    const std::string outside = folder + "/../outside";
    need(::rename("e", outside.c_str()) == 0, "rename to outside");
    std::ofstream(outside, std::ios::app) << "more";
    need(::rename(outside.c_str(), "e") == 0 && ::chmod("e", 0600) == 0, "rename from outside");
    std::ofstream("e", std::ios::app) << "end";
    need(::unlink("b") == 0, "unlink");
  }
}

// Names and nothing else, and a pause after each, for six seconds.
void slow_names(const std::string& folder) {
  const std::string name = folder + "/a";
  ::close(::creat(name.c_str(), 0644));
  for (int i = 0; i < 30; ++i) {
    need(::rename(name.c_str(), (name + "b").c_str()) == 0, "rename");
    need(::rename((name + "b").c_str(), name.c_str()) == 0, "rename");
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

// Looks at a file again and again, for six seconds.
void slow_reads(const std::string& folder) {
  ::close(::creat((folder + "/a").c_str(), 0644));
  for (int i = 0; i < 30; ++i) {
    ::close(::open((folder + "/a").c_str(), O_RDONLY));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

// Comes and goes.
void note(const std::string& folder) {
  need(ckptbench::seen_changes().count == 0, "nothing so far");
  const int fd = ::creat((folder + "/note").c_str(), 0644);
  need(ckptbench::seen_changes().count == 1, "one open");
  need(::close(fd) == 0 && ckptbench::seen_changes().count == 1, "a close changes nothing");
  need(::unlink((folder + "/note").c_str()) == 0, "unlink");
  const ckptbench::SeenChanges seen = ckptbench::seen_changes();
  need(seen.count == 2 && seen.last == "note", "the last change");
}

void mapped(const std::string& folder) {
  const int fd = ::open((folder + "/mapped").c_str(), O_RDWR | O_CREAT, 0644);
  need(fd >= 0 && ::ftruncate(fd, 4096) == 0, "ftruncate");
  void* map = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  need(map != MAP_FAILED, "mmap");
  std::memset(map, 'x', 4096);
  need(::msync(map, 4096, MS_SYNC) == 0, "msync");
  ::close(fd);
}

// A file that write() filled, mapped as `protection` says; its bytes are then overwritten, or read.
void map_slot(const std::string& folder, int protection, int later) {
  const int fd = ::open((folder + "/slot").c_str(), O_RDWR | O_CREAT, 0644);
  const std::string filled(4096, '\xff');
  need(fd >= 0 && ::write(fd, filled.data(), filled.size()) == 4096, "write");
  void* map = ::mmap(nullptr, 4096, protection, MAP_SHARED, fd, 0);
  need(map != MAP_FAILED, "mmap");
  need(later == 0 || ::mprotect(map, 4096, later) == 0, "mprotect");
  if (((protection | later) & PROT_WRITE) != 0) std::memset(map, 'x', 4096);
  need(::munmap(map, 4096) == 0 && ::close(fd) == 0, "munmap");
}

// Mapped for reading, and privately: neither changes the file.
void read_only(const std::string& folder) {
  map_slot(folder, PROT_READ, 0);
  const int fd = ::open((folder + "/slot").c_str(), O_RDWR);
  void* map = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  need(map != MAP_FAILED, "mmap");
  std::memset(map, 'x', 4096);
  ::close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, std::function<void(const std::string&)>> modes{
      {"commit", commit},
      {"streams", streams},
      {"stdio", stdio},
      {"names", names},
      {"arm", arm_twice},
      {"descriptors", descriptors},
      {"direct", direct},
      {"threads", threads},
      {"counters", counters},
      {"raw", raw},
      {"raw-in-place", raw_in_place},
      {"raw-between", raw_between},
      {"raw-then-gone", raw_then_gone},
      {"stamps", stamps},
      {"slow-names", slow_names},
      {"slow-reads", slow_reads},
      {"note", note},
      {"mapped", mapped},
      {"nothing", [](auto&) {}},
      {"read", read_only},
      {"overwritten", [](auto& folder) { map_slot(folder, PROT_READ | PROT_WRITE, 0); }},
      {"protected", [](auto& folder) { map_slot(folder, PROT_READ, PROT_READ | PROT_WRITE); }}};
  if (argc != 3 || !modes.contains(argv[1])) return 2;
  modes.at(argv[1])(argv[2]);
  ckptbench::log_file_stamps();
  return 0;
}
