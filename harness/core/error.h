// Expected failures are values: Result<T> and Status. What ends the process's job is an ExitError,
// thrown anywhere and caught once, in each main, where it becomes the exit code and one line.
// Plain values; no thread rule.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace ckptbench {

struct Error {
  std::string message;  // one line: what, where, what was expected
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : data_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : data_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return data_.index() == 0; }
  explicit operator bool() const { return ok(); }
  // REQUIRES: ok().
  T& value() & { return std::get<0>(data_); }
  const T& value() const& { return std::get<0>(data_); }
  // By value, so that `for (x : f().value())` does not outlive its range.
  T value() && { return std::get<0>(std::move(data_)); }
  // REQUIRES: !ok().
  const Error& error() const { return std::get<1>(data_); }

 private:
  std::variant<T, Error> data_;
};

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error)  // NOLINT(google-explicit-constructor)
      : failed_(true), error_(std::move(error)) {}

  bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  // REQUIRES: !ok().
  const Error& error() const { return error_; }

 private:
  bool failed_ = false;
  Error error_;
};

// The process's exit codes (docs/design.md).
enum class ExitCode {
  kOk = 0,
  kNotAllowed = 1,   // a verdict that is not allowed
  kUsage = 2,        // unknown key, name or value
  kHarness = 3,      // no verdict: a failure of the harness
  kEnvironment = 4,  // the environment lacks what was asked
};

class ExitError : public std::runtime_error {
 public:
  ExitError(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace ckptbench
