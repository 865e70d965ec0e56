#include "faults/file_op/preload/stamps.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "faults/file_op/preload/job_memory.h"
#include "faults/file_op/preload/text.h"

namespace ckptfault {
namespace {

constexpr uint16_t kTypeMask = 0170000;
constexpr uint16_t kRegular = 0100000;

// False: not there, or no regular file.
bool look(const Target& file, int flags, struct statx& info) {
  const char* name = file.name == nullptr ? "" : file.name;
  if (file.name == nullptr) flags |= AT_EMPTY_PATH;
  return raw(SYS_statx, file.fd, reinterpret_cast<long>(name), flags, STATX_BASIC_STATS,
             reinterpret_cast<long>(&info)) == 0 &&
         (info.stx_mode & kTypeMask) == kRegular;
}

uint64_t device_of(const struct statx& info) {
  return uint64_t{info.stx_dev_major} << 32 | info.stx_dev_minor;
}

int64_t changed_ns_of(const struct statx& info) {
  return info.stx_mtime.tv_sec * 1'000'000'000 + info.stx_mtime.tv_nsec;
}

// REQUIRES: a Turn. 0: the table is full, and nothing is known of this file.
uint32_t find_stamp(Stamps& stamps, const struct statx& info) {
  const uint64_t device = device_of(info);
  uint64_t at = (info.stx_ino ^ device) * 0x9e3779b97f4a7c15u >> 32;
  for (uint32_t i = 0; i < kStampSlots; ++i, ++at) {
    uint16_t& entry = stamps.index[at % kStampSlots];
    if (entry == 0) {
      if (stamps.used + 1 >= kStampSlots) return 0;
      Stamp& fresh = stamps.slots[stamps.used++];
      fresh = {device, info.stx_ino, 0, 0, 0, false};
      entry = static_cast<uint16_t>(stamps.used);
      return entry;
    }
    const Stamp& stamp = stamps.slots[entry - 1];
    if (stamp.inode == info.stx_ino && stamp.device == device) return entry;
  }
  return 0;
}

void compare(Stamp& stamp, const struct statx& info, const char* path) {
  if (!stamp.known || stamp.under_way > 0) return;
  if (stamp.changed_ns == changed_ns_of(info) && stamp.bytes == info.stx_size) return;
  stamp.known = false;
  Line<2 * kPathMax> line;
  line.add("{\"unseen\":\"").add_escaped(path).add("\"}\n");
  log_line(line.data(), line.size(), path);
}

}  // namespace

uint32_t enter_file(const Target& file, const char* path) {
  JobMemory* memory = stamped_job();
  if (memory == nullptr) return 0;
  const KeepErrno keep;
  // It is looked at in turn: what is compared must not be older than what another thread notes.
  const Turn turn(*memory);
  struct statx info;
  if (!look(file, 0, info)) return 0;
  const uint32_t found = find_stamp(memory->stamps, info);
  if (found == 0) return 0;
  Stamp& stamp = memory->stamps.slots[found - 1];
  compare(stamp, info, path);
  ++stamp.under_way;
  return found;
}

void leave_file(uint32_t entered, const Target& file) {
  JobMemory* memory = stamped_job();
  if (memory == nullptr) return;
  const KeepErrno keep;
  const Turn turn(*memory);
  if (entered != 0 && memory->stamps.slots[entered - 1].under_way > 0)
    --memory->stamps.slots[entered - 1].under_way;
  struct statx info;
  if (!look(file, 0, info)) return;
  const uint32_t found = find_stamp(memory->stamps, info);
  if (found == 0) return;
  Stamp& stamp = memory->stamps.slots[found - 1];
  stamp.changed_ns = changed_ns_of(info);
  stamp.bytes = info.stx_size;
  stamp.known = true;
}

uint32_t check_file(const Target& file, const char* path) {
  JobMemory* memory = stamped_job();
  if (memory == nullptr) return 0;
  const KeepErrno keep;
  const Turn turn(*memory);
  struct statx info;
  if (!look(file, AT_SYMLINK_NOFOLLOW, info)) return 0;
  const uint32_t found = find_stamp(memory->stamps, info);
  if (found == 0) return 0;
  compare(memory->stamps.slots[found - 1], info, path);
  return info.stx_nlink == 1 ? found : 0;
}

void forget_file(uint32_t checked) {
  JobMemory* memory = stamped_job();
  if (memory == nullptr || checked == 0) return;
  const Turn turn(*memory);
  memory->stamps.slots[checked - 1].known = false;
}

void forget_file(const Target& file) {
  JobMemory* memory = stamped_job();
  if (memory == nullptr) return;
  const KeepErrno keep;
  const Turn turn(*memory);
  struct statx info;
  if (!look(file, AT_SYMLINK_NOFOLLOW, info)) return;
  const uint32_t found = find_stamp(memory->stamps, info);
  if (found != 0) memory->stamps.slots[found - 1].known = false;
}

void log_stamps() {
  JobMemory* memory = stamped_job();
  if (memory == nullptr) return;
  const KeepErrno keep;
  const Turn turn(*memory);
  for (uint32_t i = 0; i < memory->stamps.used; ++i) {
    const Stamp& stamp = memory->stamps.slots[i];
    if (!stamp.known || stamp.under_way > 0) continue;
    Line<256> line;
    line.add("{\"stamp\":{\"device\":").add(stamp.device).add(",\"inode\":").add(stamp.inode);
    line.add(",\"changed_ns\":").add(static_cast<uint64_t>(stamp.changed_ns));
    line.add(",\"bytes\":").add(stamp.bytes).add("}}\n");
    log_line(line.data(), line.size(), "the stamps of files");
  }
}

bool keeps_times(const char* folder) {
  struct statfs info;
  if (raw(SYS_statfs, reinterpret_cast<long>(folder), reinterpret_cast<long>(&info)) != 0)
    return false;
  constexpr uint64_t kZfs = 0x2fc12fc1;
  const uint64_t keeping[] = {EXT4_SUPER_MAGIC,
                              XFS_SUPER_MAGIC,
                              BTRFS_SUPER_MAGIC,
                              TMPFS_MAGIC,
                              OVERLAYFS_SUPER_MAGIC,
                              F2FS_SUPER_MAGIC,
                              kZfs};
  for (const uint64_t known : keeping) {
    if (static_cast<uint32_t>(info.f_type) == known) return true;
  }
  return false;
}

}  // namespace ckptfault
