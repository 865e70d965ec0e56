// The folder of one cell: fresh at the start, removed at the end unless kept. One owner.
#pragma once

#include <string>

namespace ckptbench {

class CellFolder {
 public:
  // Removes what an earlier, interrupted run left there. Throws ExitError(kEnvironment).
  explicit CellFolder(std::string path);
  ~CellFolder();
  CellFolder(const CellFolder&) = delete;
  CellFolder& operator=(const CellFolder&) = delete;

  const std::string& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  std::string path_;
  bool kept_ = false;
};

// The last lines of a worker's log, on one line, for an error message.
std::string log_tail(const std::string& path);

}  // namespace ckptbench
