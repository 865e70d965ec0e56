// How a strategy tells the harness what has become of a save, as it happens. Single appends, safe
// after fork and from any thread. The harness implements it with the journal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ckptbench {

// What a durable checkpoint is claimed to survive. A claim to audit, not a fact.
struct Survives {
  bool process = false;  // SIGKILL of the process: the page cache is enough
  bool power = false;    // fsynced down to the directory entry
  bool host = false;     // another machine holds it
  bool media = false;    // a second copy on other media

  friend bool operator==(const Survives&, const Survives&) = default;
};
std::string to_text(Survives survives);  // "process,power"
Survives parse_survives(std::string_view text);

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void captured(uint64_t step) = 0;
  virtual void durable(uint64_t step, uint64_t seq, Survives survives) = 0;
  virtual void failed(uint64_t step, const std::string& reason) = 0;
  // Before the first byte of it is deleted.
  virtual void retired(uint64_t step, uint64_t seq) = 0;
};

}  // namespace ckptbench
