#include "fuzz/json_mutation.h"

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

using nlohmann::json;

constexpr size_t kMaxNodes = 20'000;

class JsonMutator {
 public:
  JsonMutator(json& root, Prng& random, const BlindMutation& blind)
      : random_(random), blind_(blind) {
    nodes_.push_back(&root);
    for (size_t i = 0; i < nodes_.size() && nodes_.size() < kMaxNodes; ++i) {
      if (!nodes_[i]->is_structured()) continue;
      for (json& child : *nodes_[i]) nodes_.push_back(&child);
    }
  }

  void change() {
    json& node = any();
    if (random_.below(4) == 0) {
      node = replacement();
    } else if (node.is_number()) {
      node = number(node);
    } else if (node.is_string()) {
      node = text(node.get<std::string>());
    } else if (node.is_array()) {
      change_array(node);
    } else if (node.is_object()) {
      change_object(node);
    } else {
      node = replacement();
    }
  }

 private:
  json& any() { return *nodes_[random_.below(nodes_.size())]; }

  json replacement() {
    switch (random_.below(6)) {
      case 0:
        return nullptr;
      case 1:
        return random_.below(2) == 0;
      case 2:
        return json::array();
      case 3:
        return json::object();
      default:
        return any();
    }
  }

  json number(const json& old) {
    static constexpr std::array<uint64_t, 14> kLimits{0,
                                                      1,
                                                      2,
                                                      4095,
                                                      4096,
                                                      4097,
                                                      1ULL << 20,
                                                      1ULL << 30,
                                                      1ULL << 31,
                                                      1ULL << 32,
                                                      1ULL << 53u,
                                                      (1ULL << 62) + 1,
                                                      (1ULL << 63) - 1,
                                                      ~0ULL};
    switch (random_.below(7)) {
      case 0:
        return kLimits[random_.below(kLimits.size())];
      case 1:
        return -static_cast<int64_t>(random_.below(3)) - 1;
      case 2:
        return std::array<double, 4>{0.5, -0.0, 1e300, 1e-320}[random_.below(4)];
      case 3:
        return old.is_number_unsigned() ? json(old.get<uint64_t>() + 1) : json(1);
      case 4:
        return old.is_number_unsigned() ? json(old.get<uint64_t>() - 1) : json(2);
      case 5:
        return random_.below(1ULL << (1 + random_.below(20)));
      default:
        return any_of([](const json& node) { return node.is_number(); }, old);
    }
  }

  json text(const std::string& old) {
    static const std::array<std::string, 9> kTexts{
        "",    "..",  "/",          "a/b", std::string("\n\x1b[2J\0", 6), std::string(5000, 'n'),
        "nan", "raw", "planes+zstd"};
    switch (random_.below(4)) {
      case 0:
        return kTexts[random_.below(kTexts.size())];
      case 1:
        return json::parse(json_text(json(blind_(old))));  // UTF-8 again
      case 2:
        return old + kTexts[random_.below(kTexts.size())];
      default:
        return any_of([](const json& node) { return node.is_string(); }, json(old));
    }
  }

  void change_array(json& array) {
    if (array.empty() || random_.below(4) == 0) {
      array.push_back(json(any()));
      return;
    }
    const size_t at = random_.below(array.size());
    switch (random_.below(3)) {
      case 0:
        array.erase(at);
        break;
      case 1:
        array.insert(array.begin() + static_cast<std::ptrdiff_t>(at), json(array[at]));
        break;
      default:
        std::swap(array[at], array[random_.below(array.size())]);
    }
  }

  void change_object(json& object) {
    if (object.empty()) {
      object["name"] = json(any());
      return;
    }
    auto at = object.begin();
    for (size_t skip = random_.below(object.size()); skip > 0; --skip) ++at;
    const std::string key = at.key();
    switch (random_.below(4)) {
      case 0:
        object.erase(key);
        break;
      case 1: {
        const json copy = any_of([](const json& node) { return node.is_object(); }, object);
        for (auto it = copy.begin(); it != copy.end(); ++it) object[it.key()] = it.value();
        break;
      }
      case 2:
        object[text(key).get<std::string>()] = json(at.value());
        break;
      default:
        object[key] = json(any());
    }
  }

  // Some node that fits; the given one where a few tries find none.
  template <class Fits>
  json any_of(Fits fits, const json& otherwise) {
    for (int tries = 0; tries < 8; ++tries) {
      const json& node = any();
      if (fits(node)) return node;
    }
    return otherwise;
  }

  Prng& random_;
  const BlindMutation& blind_;
  std::vector<json*> nodes_;
};

}  // namespace

std::string mutate_json(std::string_view text, Prng& random, const BlindMutation& blind) {
  json root = try_parse_json(text);
  if (root.is_discarded()) return {};
  // Every change moves nodes, so each looks for them again.
  for (uint64_t changes = 1 + random.below(3); changes > 0; --changes) {
    JsonMutator(root, random, blind).change();
  }
  return json_text(root);
}

}  // namespace ckptbench
