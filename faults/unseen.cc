#include "faults/unseen.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

namespace ckptbench {
namespace {

constexpr uint64_t kAnything = std::numeric_limits<uint64_t>::max();

uint64_t add(uint64_t a, uint64_t b) {
  return a > kAnything - b ? kAnything : a + b;
}

// Follows the operations: how many bytes that are not zero each file may hold, by name.
class Account {
 public:
  explicit Account(const FolderContent& before) {
    for (const auto& [name, file] : before.files) may_hold_[name] = file.nonzero_bytes;
  }

  void add(const FileOperation& operation) {
    const std::string& path = operation.path;
    touched_.insert(path);
    if (!operation.to.empty()) touched_.insert(operation.to);
    if (operation.op == "open") {
      moved_.erase(path);
      may_hold_.try_emplace(path, 0);
    } else if (operation.op == "write") {
      write(path, operation.bytes);
    } else if (operation.op == "rename") {
      rename(path, operation.to);
    } else if (operation.op == "link") {
      const std::string& name = operation.to.empty() ? path : operation.to;
      may_hold_[name] = operation.to.empty() ? kAnything : may_hold_[path];
    } else if (operation.op == "unlink" || operation.op == "rmdir") {
      removed_.insert(path);
    } else {
      may_hold_.try_emplace(path, 0);
    }
  }

  bool touched(const std::string& name) const { return touched_.contains(name); }
  bool may_be_gone(const std::string& name) const {
    return std::any_of(removed_.begin(), removed_.end(), [&](const std::string& gone) {
      return name == gone || name.starts_with(gone + "/");
    });
  }
  bool known(const std::string& name) const { return may_hold_.contains(name); }
  uint64_t may_hold(const std::string& name) const {
    const auto found = may_hold_.find(name);
    return found == may_hold_.end() ? 0 : found->second;
  }

 private:
  // A descriptor keeps the name under which it was opened: what is written to it after a rename
  // lands in the file of the new name.
  void write(std::string path, uint64_t bytes) {
    for (int hops = 0; hops < 16; ++hops) {
      may_hold_[path] = ckptbench::add(may_hold_[path], bytes);
      touched_.insert(path);
      const auto next = moved_.find(path);
      if (next == moved_.end()) return;
      path = next->second;
    }
  }

  // With everything below, where it is a folder. From outside anything may have come.
  void rename(const std::string& from, const std::string& to) {
    removed_.insert(from);
    if (to.empty()) {
      may_hold_[from] = kAnything;
      return;
    }
    std::map<std::string, uint64_t> arrived;
    for (const auto& [name, bytes] : may_hold_) {
      if (name != from && !name.starts_with(from + "/")) continue;
      const std::string now = to + name.substr(from.size());
      arrived[now] = bytes;
      moved_[name] = now;
      touched_.insert(now);
    }
    if (arrived.empty()) arrived[to] = kAnything;
    for (const auto& [name, bytes] : arrived) may_hold_[name] = bytes;
  }

  std::map<std::string, uint64_t> may_hold_;
  std::map<std::string, std::string> moved_;
  std::set<std::string> touched_;
  std::set<std::string> removed_;
};

std::string sentence(const std::string& name, const char* what) {
  return fmt::format(
      "{} {} without a file operation seen (io_uring, a raw system call, "
      "or a child without the preload library)",
      name, what);
}

// False also where nothing is known of it.
bool differs_from_stamp(const FolderContent::File& file, const FaultEvidence& seen) {
  const auto same_file = [&](const FileStampSeen& stamp) {
    return stamp.device == file.device && stamp.inode == file.inode;
  };
  const auto stamp = std::find_if(seen.stamps.begin(), seen.stamps.end(), same_file);
  return stamp != seen.stamps.end() &&
         (stamp->changed_ns != file.changed_ns || stamp->bytes != file.bytes);
}

UnseenChange unknown(const std::string& unread) {
  UnseenChange change = "what changed in the checkpoint directory is unknown: " + unread;
  change.unread = true;
  return change;
}

}  // namespace

UnseenChange unseen_change(const FolderContent& before, const FolderContent& after,
                           const FaultEvidence& seen) {
  if (!seen.mapped.empty()) {
    return fmt::format("{} was mapped to be written: what is stored there, and when, is not seen",
                       seen.mapped.front());
  }
  for (const FolderContent* content : {&before, &after}) {
    if (!content->unread.empty()) return unknown(content->unread);
  }
  if (!seen.unseen.empty()) return sentence(seen.unseen.front(), "was changed");
  Account account(before);
  for (const FileOperation& operation : seen.operations) account.add(operation);
  for (const auto& [name, file] : after.files) {
    if (differs_from_stamp(file, seen)) return sentence(name, "was changed");
    const auto old = before.files.find(name);
    const bool same = old != before.files.end() && old->second.digest == file.digest;
    if (same) continue;
    if (!account.known(name)) return sentence(name, "appeared");
    if (!account.touched(name) || file.nonzero_bytes > account.may_hold(name)) {
      return sentence(name, "was filled");
    }
  }
  for (const auto& [name, file] : before.files) {
    if (!after.files.contains(name) && !account.may_be_gone(name))
      return sentence(name, "vanished");
  }
  return "";
}

}  // namespace ckptbench
