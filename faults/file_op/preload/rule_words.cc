#include "faults/file_op/preload/rule_words.h"

#include <string.h>

namespace ckptfault {
namespace {

constexpr const char* kOps[kOpCount] = {"open",   "write", "fsync", "rename",   "link",
                                        "unlink", "mkdir", "rmdir", "truncate", "close"};
constexpr const char* kWhens[3] = {"before", "after", "partial"};
constexpr int kMaxWords = 64;

struct Word {
  const char* begin;
  size_t length;
  bool is(const char* text) const {
    return strlen(text) == length && strncmp(begin, text, length) == 0;
  }
};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

// -1: too many.
int split(const char* text, Word (&words)[kMaxWords]) {
  int count = 0;
  for (;;) {
    while (is_space(*text)) ++text;
    if (*text == '\0') return count;
    if (count == kMaxWords) return -1;
    const char* begin = text;
    while (*text != '\0' && !is_space(*text)) ++text;
    words[count++] = {begin, static_cast<size_t>(text - begin)};
  }
}

bool parse_op(const Word& word, Rule& out) {
  out.any = word.is("any");
  for (int i = 0; i < kOpCount; ++i) {
    if (word.is(kOps[i])) {
      out.op = static_cast<Op>(i);
      return true;
    }
  }
  return out.any;
}

bool parse_when(const Word& word, Rule& out) {
  for (int i = 0; i < 3; ++i) {
    if (word.is(kWhens[i])) {
      out.when = static_cast<When>(i);
      return true;
    }
  }
  return false;
}

bool parse_occurrence(const Word& word, Rule& out) {
  out.occurrence = 0;
  out.on_its_path = word.length > 0 && word.begin[0] == '#';
  for (size_t i = out.on_its_path ? 1 : 0; i < word.length; ++i) {
    const char c = word.begin[i];
    if (c < '0' || c > '9') return false;
    if (__builtin_mul_overflow(out.occurrence, uint64_t{10}, &out.occurrence) ||
        __builtin_add_overflow(out.occurrence, static_cast<uint64_t>(c - '0'), &out.occurrence)) {
      return false;
    }
  }
  return out.occurrence > 0;
}

// The words between the operation and the occurrence, joined by one space.
bool join_path(const Word* words, int count, Rule& out) {
  size_t used = 0;
  for (int i = 0; i < count; ++i) {
    if (used + words[i].length + 2 > kPathMax) return false;
    if (i > 0) out.path[used++] = ' ';
    memcpy(out.path + used, words[i].begin, words[i].length);
    used += words[i].length;
  }
  out.path[used] = '\0';
  return true;
}

}  // namespace

const char* op_word(Op op) {
  return kOps[static_cast<int>(op)];
}

bool parse_rule(const char* text, Rule& out) {
  Word words[kMaxWords];
  const int count = split(text, words);
  if (count < 5 || !words[0].is("kill")) return false;
  if (!parse_op(words[1], out) || !join_path(words + 2, count - 4, out)) return false;
  if (!parse_occurrence(words[count - 2], out) || !parse_when(words[count - 1], out)) return false;
  if (out.when == When::kPartial && !out.any && out.op != Op::kWrite) return false;
  out.set = true;
  return true;
}

}  // namespace ckptfault
