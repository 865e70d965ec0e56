#include "strategies/pipeline/spec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "harness/core/near_names.h"
#include "strategies/pipeline/composition.h"

namespace ckptbench {
namespace {

using Rows = std::vector<const StageRow*>;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string> names_of(const Rows& rows) {
  std::vector<std::string> names;
  for (const StageRow* const row : rows) names.push_back(row->name);
  return names;
}

// The rows that fulfil a condition.
template <class Condition>
Rows rows_that(std::span<const StageRow> known, const Condition& condition) {
  Rows rows;
  for (const StageRow& row : known) {
    if (condition(row)) rows.push_back(&row);
  }
  return rows;
}

Rows of_kind(const Rows& rows, StageKind kind) {
  Rows of;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(of),
               [&](const StageRow* row) { return row->kind() == kind; });
  return of;
}

// The row that a word names, on its side of the '@'.
Result<const StageRow*> find_row(std::span<const StageRow> known, std::string_view word,
                                 bool is_store) {
  const Rows side = rows_that(
      known, [&](const StageRow& row) { return (row.kind() == StageKind::kStore) == is_store; });
  for (const StageRow* const row : side) {
    if (row->name == word) return row;
  }
  return Error{unknown_name(is_store ? "store" : "stage", std::string(word), names_of(side))};
}

// Exactly one of a kind, the default where none was named.
Status complete(Rows& rows, std::span<const StageRow> known, StageKind kind) {
  const Rows chosen = of_kind(rows, kind);
  if (chosen.size() > 1) {
    return Error{fmt::format("{} twice: '{}' and '{}', expected one", stage_kind_name(kind),
                             chosen[0]->name, chosen[1]->name)};
  }
  if (!chosen.empty()) return {};
  const Rows all = rows_that(known, [&](const StageRow& row) { return row.kind() == kind; });
  for (const StageRow* const row : all) {
    if (!row->is_default) continue;
    rows.push_back(row);
    return {};
  }
  return Error{
      fmt::format("no {}, expected {}", stage_kind_name(kind), fmt::join(names_of(all), " or "))};
}

template <class Make>
const StageRow* first_that_makes(const Rows& rows) {
  const auto found = std::find_if(rows.begin(), rows.end(), [](const StageRow* row) {
    return std::holds_alternative<Make>(row->make);
  });
  return found == rows.end() ? nullptr : *found;
}

// REQUIRES: encoders in the order in which they run.
Status check_chain(const Rows& encoders) {
  const StageRow* const writer = first_that_makes<MakeWriter>(encoders);
  if (writer && encoders.size() > 1) {
    return Error{fmt::format("'{}' excludes other encoders", writer->name)};
  }
  const auto indices = std::count_if(encoders.begin(), encoders.end(), [](const StageRow* row) {
    return std::holds_alternative<MakeChunkIndex>(row->make);
  });
  if (indices > 1) return Error{"two encoders that refer to older checkpoints, expected one"};
  if (encoders.back()->only_prepares) {
    return Error{fmt::format("'{}' makes nothing smaller by itself, expected an encoder after it",
                             encoders.back()->name)};
  }
  return {};
}

Status check_param_names(const Spec& spec) {
  std::map<std::string, int> uses;
  for (const ParamInfo& param : composed_params(spec)) {
    if (++uses[param.name] > 1) {
      return Error{fmt::format("two of its stages have a parameter '{}'", param.name)};
    }
  }
  return {};
}

Status add_word(Rows& rows, std::span<const StageRow> known, std::string_view word, bool is_store) {
  const Result<const StageRow*> row = find_row(known, word, is_store);
  if (!row) return row.error();
  if (std::find(rows.begin(), rows.end(), row.value()) != rows.end()) {
    return Error{fmt::format("'{}' twice", word)};
  }
  rows.push_back(row.value());
  return {};
}

Result<Spec> choose(std::string_view words, std::string_view store,
                    std::span<const StageRow> known) {
  Spec spec{.known = known, .rows = {}};
  Status status = add_word(spec.rows, known, store, true);
  if (!status) return status.error();
  for (const std::string_view word : split(words, '+')) {
    status = add_word(spec.rows, known, word, false);
    if (!status) return status.error();
  }
  for (const StageKind kind : {StageKind::kCapture, StageKind::kPlace, StageKind::kStore}) {
    status = complete(spec.rows, known, kind);
    if (!status) return status.error();
  }
  if (of_kind(spec.rows, StageKind::kEncode).empty()) {
    status = complete(spec.rows, known, StageKind::kEncode);
    if (!status) return status.error();
  }
  // All point into one list, so their order is that of the list.
  std::sort(spec.rows.begin(), spec.rows.end(), [](const StageRow* a, const StageRow* b) {
    return std::pair(a->kind(), a) < std::pair(b->kind(), b);
  });
  status = check_chain(of_kind(spec.rows, StageKind::kEncode));
  if (status) status = check_param_names(spec);
  if (!status) return status.error();
  return spec;
}

}  // namespace

const StageRow& Spec::the(StageKind kind) const {
  return *of_kind(rows, kind).front();
}

std::string Spec::text() const {
  std::string text;
  for (const StageRow* const row : rows) {
    if (!text.empty()) text += row->kind() == StageKind::kStore ? '@' : '+';
    text += row->name;
  }
  return text;
}

Result<Spec> parse_spec(std::string_view text, std::span<const StageRow> known) {
  const std::vector<std::string_view> sides = split(text, '@');
  if (sides.size() != 2) {
    return Error{fmt::format("strategy '{}': expected capture[+encoder][+place]@store", text)};
  }
  Result<Spec> spec = choose(sides[0], sides[1], known);
  if (spec) return spec;
  return Error{fmt::format("strategy '{}': {}", text, spec.error().message)};
}

}  // namespace ckptbench
