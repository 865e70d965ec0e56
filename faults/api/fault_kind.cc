#include "faults/api/fault_kind.h"

#include <charconv>

namespace ckptbench {
namespace {

template <class Number>
std::vector<Number> numbers(const std::vector<std::string>& texts) {
  std::vector<Number> out;
  for (const std::string& text : texts) {
    Number value{};
    std::from_chars(text.data(), text.data() + text.size(), value);
    out.push_back(value);
  }
  return out;
}

}  // namespace

const std::vector<std::string>& fault_class_names() {
  static const std::vector<std::string> names{"none", "kill"};
  return names;
}

std::string_view fault_class_name(FaultClass value) {
  return fault_class_names()[static_cast<size_t>(value)];
}

// The reader of suites has checked them as numbers.
std::vector<uint64_t> FaultGroup::wholes(const std::string& key) const {
  return numbers<uint64_t>(texts(key));
}
std::vector<double> FaultGroup::reals(const std::string& key) const {
  return numbers<double>(texts(key));
}
uint64_t FaultGroup::whole(const std::string& key) const {
  const auto all = wholes(key);
  return all.empty() ? 0 : all.front();
}

}  // namespace ckptbench
