#include <fmt/format.h>
#include <sys/auxv.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

// Drawn by the kernel when a program starts, as the seed of a hash is; forks inherit it.
uint64_t seed_of_program() {
  uint64_t seed = 0;
  std::memcpy(&seed, reinterpret_cast<const void*>(::getauxval(AT_RANDOM)), sizeof(seed));
  return seed;
}

// Flaw: finds its checkpoints through an index whose name is hashed with a seed of the program: no
// later start finds it.
class OwnProcess : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  std::vector<CheckpointInfo> list() override {
    return has_index() ? FileStrategy::list() : std::vector<CheckpointInfo>();
  }
  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override {
    if (!has_index()) return Nothing{};
    return FileStrategy::restore(state, want, replay);
  }

 protected:
  SaveOutcome commit(const Image& image) override {
    std::ofstream(index()) << "checkpoints are here\n";
    return FileStrategy::commit(image);
  }

 private:
  std::string index() const { return path(fmt::format("index-{:016x}", seed_of_program())); }
  bool has_index() const { return std::filesystem::exists(index()); }
};

}  // namespace

BrokenRow own_process_row() {
  return {.name = "broken-own-process",
          .summary = "finds its checkpoints by a hash whose seed each start of the program draws",
          .source = "https://github.com/microsoft/agent-framework-go/pull/526",
          .make = new_strategy<OwnProcess>,
          .data = DataVerdict::kSilentRestart};
}

}  // namespace ckptbench
