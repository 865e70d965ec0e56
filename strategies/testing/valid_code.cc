// Valid code of a kind that strategies have, of which GCC 12 says that it may read what was never
// written: that it compiles as a strategy does is the test. Nothing calls it.
#include <cstdint>
#include <optional>

namespace ckptbench {

struct BaseSave {
  int64_t step = 0;
  int64_t bytes = 0;
};

bool is_whole_save(int64_t step);
int64_t bytes_of_save(int64_t step);
void write_save(int64_t step);
void keep_base(int64_t step);

// Bytes of the bases that later saves have let go.
int64_t freed_bytes(int64_t steps) {
  std::optional<BaseSave> base;
  int64_t freed = 0;
  for (int64_t step = 0; step < steps; ++step) {
    write_save(step);
    if (is_whole_save(step)) {
      base = BaseSave{step, bytes_of_save(step)};
    } else if (base && base->step < step) {
      freed += base->bytes;
      base.reset();
    }
  }
  if (base) keep_base(base->step);
  return freed;
}

}  // namespace ckptbench
