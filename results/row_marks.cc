#include "results/row_marks.h"

#include <fmt/format.h>

#include <algorithm>

#include "results/figure_text.h"

namespace ckptbench {
namespace {

// Beyond these shares of the stall and of a step, interference needs a cause.
constexpr double kShareOfStall = 0.10;
constexpr double kShareOfStep = 0.05;
constexpr double kFirstSaveFactor = 2;
constexpr double kClusterFactor = 1.1;  // clusters closer than this are of no interest

class Marker {
 public:
  explicit Marker(const ResultRow& row) : row_(row) {}

  std::vector<RowMark> run() {
    decided_saves();
    stall();
    interference();
    for (const char* key : {"stall_ns", "save_block_ns", "block_ns", "persist_ns"}) clusters(key);
    first_save();
    limit();
    return std::move(marks_);
  }

 private:
  void add(char letter, std::string_view legend, std::string detail) {
    marks_.push_back({letter, legend, std::move(detail)});
  }

  void decided_saves() {
    if (const double failed = row_.metric("failed_saves").value; failed > 0) {
      add('f', "saves failed", fmt::format("{} saves failed", failed));
    }
    if (const double skipped = row_.metric("skipped_saves").value; skipped > 0) {
      add('s', "saves were skipped", fmt::format("{} saves were skipped", skipped));
    }
  }

  void stall() {
    const Estimate stall = row_.metric("stall_ns");
    if (!stall.known()) return;
    if (!stall.has_interval()) {
      add('n', "fewer than 6 pairs: no interval",
          fmt::format("{} pairs: too few for an interval (6)", stall.count));
    } else if (stall.contains(0)) {
      add('0', "the stall's interval contains 0",
          fmt::format("the stall's interval, {} to {}, contains 0", format_ms(stall.low),
                      format_ms(stall.high)));
    }
  }

  void interference() {
    const Estimate seen = row_.metric("interference_ns");
    const Estimate floor = row_.metric("interference_floor_ns");
    if (!seen.has_interval()) return;  // then the stall has none either, and says so
    constexpr std::string_view kLegend = "interference is not explained by its floor";
    if (floor.known()) {
      const bool above = seen.low > (floor.has_interval() ? floor.high : floor.value);
      if (above) {
        add('i', kLegend,
            fmt::format("interference of {} exceeds its floor of {}", format_ms(seen.value),
                        format_ms(floor.value)));
      }
      return;
    }
    const bool large = seen.value > kShareOfStall * row_.metric("stall_ns").value ||
                       seen.value > kShareOfStep * row_.metric("step_ns").value;
    if (large && seen.low > 0) {
      add('i', kLegend,
          fmt::format("interference of {}, and no floor was measured", format_ms(seen.value)));
    }
  }

  void clusters(const char* key) {
    const auto samples = row_.samples.find(key);
    Clusters found;
    if (samples == row_.samples.end() || has_mark(marks_, 'b')) return;
    if (!two_clusters(samples->second, found) || found.high < kClusterFactor * found.low) return;
    add('b', "samples in two clusters: the median describes neither",
        fmt::format("{} falls into two clusters: {} of {} samples near {}, the others near {}", key,
                    found.high_count, samples->second.size(), format_ms(found.high),
                    format_ms(found.low)));
  }

  void first_save() {
    const Estimate first = row_.metric("first_block_ns");
    const Estimate block = row_.metric("block_ns");
    if (!first.known() || !block.known() || first.value <= kFirstSaveFactor * block.value) return;
    add('1', "the first save blocked more than twice as long",
        fmt::format("the first save blocked for {}, later ones for {}", format_ms(first.value),
                    format_ms(block.value)));
  }

  void limit() {
    const Estimate written = row_.metric("written_bytes_per_s");
    const Estimate limit = row_.metric("limit_bytes_per_s");
    if (!written.known() || !limit.known() || written.value <= limit.value) return;
    add('l', "faster than every probe: no share of the limit is shown",
        fmt::format("saves wrote {} GB/s, the fastest probe {}", format_number(written.value / 1e9),
                    format_number(limit.value / 1e9)));
  }

  const ResultRow& row_;
  std::vector<RowMark> marks_;
};

}  // namespace

std::vector<RowMark> row_marks(const ResultRow& row) {
  return Marker(row).run();
}

std::string mark_letters(const std::vector<RowMark>& marks) {
  std::string letters;
  for (const RowMark& mark : marks) letters += mark.letter;
  return letters;
}

bool has_mark(const std::vector<RowMark>& marks, char letter) {
  return std::any_of(marks.begin(), marks.end(),
                     [&](const RowMark& mark) { return mark.letter == letter; });
}

}  // namespace ckptbench
