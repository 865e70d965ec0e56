#include "harness/measure/written_files.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace ckptbench {

Written written_between(const FolderScan& before, const FolderScan& after) {
  std::set<FileStamp, decltype([](const FileStamp& a, const FileStamp& b) {
             return std::tie(a.inode, a.changed_ns) < std::tie(b.inode, b.changed_ns);
           })>
      counted;
  for (const auto& [name, stamp] : before) counted.insert(stamp);
  std::vector<std::pair<std::string, FileStamp>> fresh;
  for (const auto& [name, stamp] : after) {
    if (stamp.regular && counted.insert(stamp).second) fresh.emplace_back(name, stamp);
  }
  // By name as well: the number of a deleted file is soon that of another.
  const bool in_place = std::ranges::any_of(after, [&](const auto& each) {
    const auto old = before.find(each.first);
    return old != before.end() && each.second.regular && old->second.inode == each.second.inode &&
           old->second.changed_ns != each.second.changed_ns;
  });
  std::ranges::stable_sort(fresh, {}, [](const auto& each) { return each.second.changed_ns; });
  Written written;
  written.in_place = in_place;
  for (const auto& [name, stamp] : fresh) {
    written.names.push_back(name);
    written.bytes += stamp.disk_bytes;
    written.sizes.push_back(stamp.bytes);
  }
  return written;
}

}  // namespace ckptbench
