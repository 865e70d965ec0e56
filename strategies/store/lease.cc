#include "strategies/store/lease.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>
#include <string_view>

namespace ckptbench {
namespace {

constexpr std::string_view kBeginning = "pid ";

// A person reads this: control characters of a damaged file are not passed on.
std::string holder_of(const File& file) {
  std::array<std::byte, 256> bytes{};
  const Result<uint64_t> count = file.read_some_at(0, bytes);
  std::string text;
  for (uint64_t i = 0; count && i < count.value(); ++i) {
    const char c = static_cast<char>(bytes[i]);
    if (c >= ' ' && c <= '~') text += c;
  }
  return text.empty() ? "an unnamed process" : text;
}

// An empty one is of a writer that met a full disk, or was just created.
Status check_ours(const File& file) {
  std::array<char, kBeginning.size()> text{};
  const IoResult<uint64_t> count = file.read_some_at(0, std::as_writable_bytes(std::span(text)));
  if (!count) return count.error();
  const std::string_view found(text.data(), count.value());
  if (found.empty() || found == kBeginning) return {};
  return Error{fmt::format(
      "{}: not the lease of a writer, which begins with '{}'; move it away if no program needs it",
      file.path(), kBeginning)};
}

}  // namespace

Result<Lease> Lease::acquire(const std::string& directory, const std::string& run_id) {
  const std::string path = directory + "/" + kFileName;
  Result<File> opened = File::open(path, O_RDWR | O_CREAT);
  if (!opened) return opened.error();
  File& file = opened.value();
  while (::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return errno_error("flock", path, errno);
    return Error{fmt::format("{}: the directory already has a writer: {}", path, holder_of(file))};
  }
  if (const Status checked = check_ours(file); !checked) return checked.error();
  Lease lease(std::move(file), ::getpid(), run_id);
  // It may have been removed between the two calls.
  if (const Status held = lease.check(); !held) return held.error();
  const Status announced = lease.announce();
  if (!announced) return announced.error();
  return lease;
}

Lease::Lease(File file, int pid, const std::string& run_id)
    : file_(std::move(file)),
      pid_(pid),
      text_(fmt::format("{}{} run {}\n", kBeginning, pid, run_id)) {}

// To close the file is not enough where a child has inherited it. A failure leaves that to the end
// of the child.
Lease::~Lease() {
  if (file_.descriptor() >= 0 && pid_ == ::getpid()) ::flock(file_.descriptor(), LOCK_UN);
}

// The lock is the file's, not the path's.
IoStatus Lease::check() const {
  const IoResult<FileId> ours = file_.id();
  if (!ours) return ours.error();
  const IoResult<FileId> there = id_at(file_.path());
  if (there && there.value() == ours.value()) return {};
  const IoResult<File> other = File::open(file_.path(), O_RDONLY);
  return environment_error({fmt::format(
      "{}: this writer has lost its lease, since the file was removed or its directory moved ({}); "
      "nothing is written or deleted",
      file_.path(),
      other ? "another one is there, of " + holder_of(other.value()) : "none is there now")});
}

// Over the old text, whose block is there already: to empty the file first would give it away.
Status Lease::announce() {
  if (announced_) return {};
  IoStatus status = file_.write_at(0, std::as_bytes(std::span(text_)));
  if (!status && (status.error().code == ENOSPC || status.error().code == EDQUOT)) return {};
  if (status) status = file_.truncate(text_.size());
  announced_ = status.ok();
  return status;
}

}  // namespace ckptbench
