// Outcomes of reading stored bytes, with the kind of a failure: who restores must tell a file that
// is damaged from a process that has no descriptor left. They convert to Result and Status where
// the kind does not matter. Plain values; no thread rule.
#pragma once

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "harness/core/error.h"

namespace ckptbench {

enum class IoFault {
  kEnvironment,  // says nothing about the content: no descriptor, memory or permission, device
                 // error
  kNotThere,
  kDamaged,  // it is there, and is not what was expected
};

struct IoError : Error {
  IoFault fault = IoFault::kDamaged;
  int code = 0;  // errno of the failed call; 0 where none failed
};

inline IoError damage_error(std::string message) {
  return {{std::move(message)}, IoFault::kDamaged, 0};
}
inline IoError damage_error(const Error& error) {
  return damage_error(error.message);
}
inline IoError environment_error(const Error& error) {
  return {error, IoFault::kEnvironment, 0};
}

// By errno of the call. A link, folder or socket in the place of a file is content; of a file that
// is open ENXIO says that its device is gone.
inline IoFault io_fault(std::string_view call, int code) {
  switch (code) {
    case ENOENT:
      return IoFault::kNotThere;
    case ELOOP:
    case EISDIR:
    case ENOTDIR:
      return IoFault::kDamaged;
    case ENXIO:
      return call == "open" ? IoFault::kDamaged : IoFault::kEnvironment;
    default:
      return IoFault::kEnvironment;
  }
}

template <class T>
class [[nodiscard]] IoResult {
 public:
  IoResult(T value) : data_(std::move(value)) {}        // NOLINT(google-explicit-constructor)
  IoResult(IoError error) : data_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return data_.index() == 0; }
  explicit operator bool() const { return ok(); }
  // REQUIRES: ok().
  T& value() & { return std::get<0>(data_); }
  const T& value() const& { return std::get<0>(data_); }
  T value() && { return std::get<0>(std::move(data_)); }
  // REQUIRES: !ok().
  const IoError& error() const { return std::get<1>(data_); }

  operator Result<T>() && {  // NOLINT(google-explicit-constructor)
    if (!ok()) return Error(error());
    return std::get<0>(std::move(data_));
  }

 private:
  std::variant<T, IoError> data_;
};

class [[nodiscard]] IoStatus {
 public:
  IoStatus() = default;
  IoStatus(IoError error)  // NOLINT(google-explicit-constructor)
      : failed_(true), error_(std::move(error)) {}

  bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  // REQUIRES: !ok().
  const IoError& error() const { return error_; }

  operator Status() const {  // NOLINT(google-explicit-constructor)
    return failed_ ? Status(Error(error_)) : Status();
  }

 private:
  bool failed_ = false;
  IoError error_;
};

}  // namespace ckptbench
