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
  // Removes what is in it. Throws ExitError(kEnvironment).
  void clear() { make_empty(path_); }
  // Keeps it at `path` instead, copied where that is another file system; job files then name their
  // new places. What an earlier run left there is replaced. Throws ExitError(kEnvironment).
  void keep_at(const std::string& path);

 private:
  static void make_empty(const std::string& path);

  std::string path_;
  bool kept_ = false;
};

// REQUIRES: `from` is not empty.
void replace_all(std::string& text, const std::string& from, const std::string& to);

}  // namespace ckptbench
