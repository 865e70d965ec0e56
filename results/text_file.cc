#include "results/text_file.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace ckptbench {

Result<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{fmt::format("{}: cannot be opened", path)};
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) return Error{fmt::format("{}: cannot be read", path)};
  return text.str();
}

Status write_text(const std::string& path, std::string_view text) {
  const std::string temporary = path + ".tmp";
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return Error{fmt::format("{}: cannot be written", temporary)};
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  if (error) return Error{fmt::format("{}: {}", path, error.message())};
  return {};
}

}  // namespace ckptbench
