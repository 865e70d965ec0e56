#include "harness/run/room_watch.h"

#include <algorithm>
#include <filesystem>

namespace ckptbench {

void RoomWatch::look(const std::string& folder) {
  std::error_code error;
  const auto space = std::filesystem::space(folder, error);
  if (error) return;
  const std::lock_guard lock(mutex_);
  for (uint64_t& least : least_) least = std::min<uint64_t>(least, space.available);
}

RoomWatch::Span::Span(RoomWatch& watch) : watch_(watch) {
  const std::lock_guard lock(watch_.mutex_);
  least_ = watch_.least_.insert(watch_.least_.end(), std::numeric_limits<uint64_t>::max());
}

RoomWatch::Span::~Span() {
  const std::lock_guard lock(watch_.mutex_);
  watch_.least_.erase(least_);
}

uint64_t RoomWatch::Span::least_bytes() const {
  const std::lock_guard lock(watch_.mutex_);
  return *least_;
}

ProcessEnd WatchedRunner::run(const JobFiles& files, double deadline_s) {
  const ProcessEnd end = runner_.run(files, deadline_s);
  watch_.look(std::filesystem::path(files.job).parent_path());
  return end;
}

}  // namespace ckptbench
