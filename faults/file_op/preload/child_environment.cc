// The rule travels to the programs that an armed process executes: in its own environment, which
// most ways of starting one hand on, and by these hooks into an environment that the caller wrote
// by hand.
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "faults/file_op/preload/hook.h"
#include "faults/file_op/preload/text.h"

namespace ckptfault {
namespace {

constexpr const char* kNames[] = {"CKPTFAULT_ROOT", "CKPTFAULT_RULE", "CKPTFAULT_LOG",
                                  "CKPTFAULT_SHARED", "LD_PRELOAD"};
constexpr int kCount = 5;
constexpr int kPreload = 4;

struct Texts {
  char text[kCount][2 * kPathMax];  // "NAME=value"
  const char* list[kCount + 1];
};
constinit Texts texts{};

void set(int index, const char* value) {
  const size_t name = strlen(kNames[index]);
  const size_t length = strlen(value);
  if (name + length + 2 > sizeof texts.text[index]) {
    print_error("too long for the environment of children", value);
    return;
  }
  memcpy(texts.text[index], kNames[index], name);
  texts.text[index][name] = '=';
  memcpy(texts.text[index] + name + 1, value, length + 1);
  const char* now = ::getenv(kNames[index]);
  if (now == nullptr || strcmp(now, value) != 0) ::setenv(kNames[index], value, 1);
}

// Where the log is, for children in other folders.
void absolute(const char* path, char* out) {
  out[0] = '\0';
  size_t length = 0;
  if (path[0] != '/' && ::getcwd(out, kPathMax) != nullptr) {
    length = strlen(out);
    out[length++] = '/';
  }
  if (length + strlen(path) + 1 <= 2 * kPathMax) memcpy(out + length, path, strlen(path) + 1);
}

bool names_same(const char* a, const char* b) {
  const char* end = strchr(b, '=');
  return end != nullptr && strncmp(a, b, static_cast<size_t>(end - b) + 1) == 0;
}

constexpr size_t kMerged = 2 * kPathMax;

// "ours:theirs" where the caller's own LD_PRELOAD lacks our library.
const char* merged_preload(const char* given, char* buffer) {
  const char* ours = texts.text[kPreload];
  const char* theirs = strchr(given, '=') + 1;
  if (theirs[0] == '\0') return ours;
  if (strstr(theirs, "ckptfault") != nullptr) return given;
  const size_t length = strlen(ours);
  if (length + strlen(theirs) + 2 > kMerged) return ours;
  memcpy(buffer, ours, length);
  buffer[length] = ':';
  memcpy(buffer + length + 1, theirs, strlen(theirs) + 1);
  return buffer;
}

// `list` has room for all of both.
void merge(char* const* given, const char** list, char* buffer) {
  size_t used = 0;
  const char* preload = texts.text[kPreload];
  for (size_t i = 0; given != nullptr && given[i] != nullptr; ++i) {
    bool ours = false;
    for (const char* const* text = texts.list; *text != nullptr; ++text) {
      ours = ours || names_same(given[i], *text);
    }
    if (!ours) list[used++] = given[i];
    if (names_same(given[i], "LD_PRELOAD=")) preload = merged_preload(given[i], buffer);
  }
  for (int i = 0; texts.list[i] != nullptr; ++i) {
    list[used++] = texts.list[i] == texts.text[kPreload] ? preload : texts.list[i];
  }
  list[used] = nullptr;
}

// Runs also in a child that shares the memory of its parent until it executes: nothing but the
// stack.
template <class Call>
int with_rule(char* const* given, Call call) {
  if (!armed()) return call(given);
  size_t count = 0;
  while (given != nullptr && given[count] != nullptr) ++count;
  auto** list = static_cast<const char**>(__builtin_alloca((count + kCount + 1) * sizeof(char*)));
  char buffer[kMerged];
  merge(given, list, buffer);
  return call(const_cast<char* const*>(list));
}

}  // namespace

void set_armed_environment(const char* root, const char* rule, const char* log,
                           const char* shared) {
  if (root == nullptr) {
    for (int i = 0; i < kPreload; ++i) ::unsetenv(kNames[i]);
    return;
  }
  char where[2 * kPathMax + 1];
  where[0] = '\0';  // no log
  if (log[0] != '\0') absolute(log, where);
  const char* preload = ::getenv("LD_PRELOAD");
  const char* values[kCount] = {root, rule == nullptr ? "" : rule, where, shared,
                                preload == nullptr ? "" : preload};
  for (int i = 0; i < kCount; ++i) {
    if (i == kPreload && values[i][0] == '\0')
      break;  // loaded by other means: children are not seen
    set(i, values[i]);
    texts.list[i] = texts.text[i];
  }
}

}  // namespace ckptfault

CKPT_HOOK int execve(const char* path, char* const argv[], char* const given[]) noexcept {
  return ckptfault::with_rule(
      given, [&](char* const* list) { return CKPT_NEXT(execve)(path, argv, list); });
}
CKPT_HOOK int execvpe(const char* file, char* const argv[], char* const given[]) noexcept {
  return ckptfault::with_rule(
      given, [&](char* const* list) { return CKPT_NEXT(execvpe)(file, argv, list); });
}
// These two take the environment of the process, which it may have emptied.
CKPT_HOOK int execv(const char* path, char* const argv[]) noexcept {
  return execve(path, argv, environ);
}
CKPT_HOOK int execvp(const char* file, char* const argv[]) noexcept {
  return execvpe(file, argv, environ);
}
CKPT_HOOK int fexecve(int fd, char* const argv[], char* const given[]) noexcept {
  return ckptfault::with_rule(
      given, [&](char* const* list) { return CKPT_NEXT(fexecve)(fd, argv, list); });
}
CKPT_HOOK int posix_spawn(pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
                          const posix_spawnattr_t* attributes, char* const argv[],
                          char* const given[]) {
  return ckptfault::with_rule(given, [&](char* const* list) {
    return CKPT_NEXT(posix_spawn)(pid, path, actions, attributes, argv, list);
  });
}
CKPT_HOOK int posix_spawnp(pid_t* pid, const char* file, const posix_spawn_file_actions_t* actions,
                           const posix_spawnattr_t* attributes, char* const argv[],
                           char* const given[]) {
  return ckptfault::with_rule(given, [&](char* const* list) {
    return CKPT_NEXT(posix_spawnp)(pid, file, actions, attributes, argv, list);
  });
}
