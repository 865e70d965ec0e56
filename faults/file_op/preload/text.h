// Text without a C library: bounded buffers for log lines, a hash, and the glob of a rule.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace ckptfault {

// Appends up to its capacity; what does not fit is dropped and remembered.
template <size_t kCapacity>
class Line {
 public:
  Line& add(const char* text) {
    for (; *text != '\0'; ++text) put(*text);
    return *this;
  }
  Line& add(uint64_t value) {
    char digits[20];
    int count = 0;
    do {
      digits[count++] = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0);
    while (count > 0) put(digits[--count]);
    return *this;
  }
  // Inside a JSON string. Bytes that are not ASCII pass as they are: file names are usually UTF-8.
  Line& add_escaped(const char* text) {
    for (; *text != '\0'; ++text) {
      const auto byte = static_cast<unsigned char>(*text);
      if (byte == '"' || byte == '\\') put('\\');
      if (byte >= 0x20) {
        put(*text);
      } else {
        add("\\u00");
        put("0123456789abcdef"[byte >> 4]);
        put("0123456789abcdef"[byte & 15]);
      }
    }
    return *this;
  }
  const char* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  void put(char c) {
    if (size_ < kCapacity) data_[size_++] = c;
  }
  char data_[kCapacity];
  size_t size_ = 0;
};

inline uint32_t hash(const char* text) {  // FNV-1a
  uint32_t value = 2166136261u;
  for (; *text != '\0'; ++text) value = (value ^ static_cast<unsigned char>(*text)) * 16777619u;
  return value;
}

// * matches any run, ? any one character; both match '/' too. Linear backtracking.
inline bool glob_matches(const char* pattern, const char* text) {
  const char* star = nullptr;
  const char* retry = nullptr;
  while (*text != '\0') {
    if (*pattern == '*') {
      star = pattern++;
      retry = text;
    } else if (*pattern == '?' || *pattern == *text) {
      ++pattern;
      ++text;
    } else if (star != nullptr) {
      pattern = star + 1;
      text = ++retry;
    } else {
      return false;
    }
  }
  while (*pattern == '*') ++pattern;
  return *pattern == '\0';
}

}  // namespace ckptfault
