#include "faults/file_op/path_pattern.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string_view>

namespace ckptbench {
namespace {

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}
bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// A part of a name without separators: what no run repeats? A number of five digits or more that is
// not padded (a process id, a time), eight or more characters of a hexadecimal number, or "tmp" and
// a random rest, as Python's tempfile makes them.
bool differs_by_run(std::string_view word) {
  const bool digits = std::all_of(word.begin(), word.end(), is_digit);
  if (digits) return word.size() >= 5 && word.front() != '0';
  const auto hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
  const bool has_digit = std::any_of(word.begin(), word.end(), is_digit);
  return word.size() >= 8 && has_digit && std::all_of(word.begin(), word.end(), hex);
}

// The place of a word in a path: which name, and which of the name's words.
using Place = std::pair<size_t, size_t>;

// '_' is part of a word: it is one of the letters of which tempfile draws its names.
struct Word {
  Place place;
  size_t begin = 0;
  size_t end = 0;
};

std::vector<Word> words_of(const std::string& path) {
  const auto belongs = [](char c) { return is_word(c) || c == '_'; };
  std::vector<Word> words;
  Place place{0, 0};
  for (size_t at = 0; at < path.size();) {
    const size_t begin = at;
    while (at < path.size() && belongs(path[at])) ++at;
    if (at > begin) {
      words.push_back({place, begin, at});
      ++place.second;
    } else if (path[at++] == '/') {
      place = {place.first + 1, 0};
    }
  }
  return words;
}

std::set<std::string> paths_of(const std::vector<FileOperation>& operations) {
  std::set<std::string> paths;
  for (const FileOperation& operation : operations) {
    paths.insert(operation.path);
    if (!operation.to.empty()) paths.insert(operation.to);
  }
  return paths;
}

std::set<std::string> without(const std::set<std::string>& paths,
                              const std::set<std::string>& others) {
  std::set<std::string> left;
  std::set_difference(paths.begin(), paths.end(), others.begin(), others.end(),
                      std::inserter(left, left.end()));
  return left;
}

using Repeated = std::map<Place, std::set<std::string>>;

// The beginning that another run's word has, too, up to a '_'; then anything.
std::string word_pattern(const std::string& word, const std::set<std::string>& others) {
  if (const std::string known = path_pattern(word); known != word) return known;
  for (size_t at = word.rfind('_'); at != std::string::npos && at > 0;
       at = word.rfind('_', at - 1)) {
    const std::string beginning = word.substr(0, at + 1);
    const auto found = others.lower_bound(beginning);
    if (found != others.end() && found->starts_with(beginning)) return beginning + "*";
  }
  return "*";
}

std::string pattern_of(const std::string& path, const Repeated& repeated) {
  struct Part {
    Word first;
    Word last;
  };
  static const std::set<std::string> kNone;
  const auto others = [&](const Place& place) -> const std::set<std::string>& {
    const auto found = repeated.find(place);
    return found == repeated.end() ? kNone : found->second;
  };
  std::map<size_t, Part> parts;  // by name
  for (const Word& word : words_of(path)) {
    if (others(word.place).contains(path.substr(word.begin, word.end - word.begin))) continue;
    parts.try_emplace(word.place.first, Part{word, word}).first->second.last = word;
  }
  std::string pattern = path;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    const auto& [first, last] = part->second;
    const size_t bytes = last.end - first.begin;
    const bool one = first.begin == last.begin;
    pattern.replace(first.begin, bytes,
                    one ? word_pattern(path.substr(first.begin, bytes), others(first.place)) : "*");
  }
  return pattern;
}

}  // namespace

std::string path_pattern(const std::string& path) {
  std::string out;
  for (size_t at = 0; at < path.size();) {
    size_t end = at;
    while (end < path.size() && is_word(path[end])) ++end;
    if (end == at) {
      out += path[at++];
      continue;
    }
    const std::string_view word = std::string_view(path).substr(at, end - at);
    // tempfile's names: "tmp" and eight of a-z, 0-9 and '_'.
    if (word.starts_with("tmp") && path.size() >= at + 11) {
      const std::string_view rest = std::string_view(path).substr(at + 3, 8);
      const bool random = std::all_of(rest.begin(), rest.end(), [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || c == '_';
      });
      if (random) {
        out += "tmp*";
        at += 11;
        continue;
      }
    }
    out += differs_by_run(word) ? "*" : std::string(word);
    at = end;
  }
  return out;
}

std::map<std::string, std::string> varying_paths(const std::vector<FileOperation>& run,
                                                 const std::vector<FileOperation>& another) {
  const std::set<std::string> own = paths_of(run);
  const std::set<std::string> others = paths_of(another);
  const std::set<std::string> only_others = without(others, own);
  Repeated repeated;
  for (const std::string& path : only_others.empty() ? others : only_others) {
    for (const Word& word : words_of(path)) {
      repeated[word.place].insert(path.substr(word.begin, word.end - word.begin));
    }
  }
  std::map<std::string, std::string> patterns;
  for (const std::string& path : without(own, others)) patterns[path] = pattern_of(path, repeated);
  return patterns;
}

}  // namespace ckptbench
