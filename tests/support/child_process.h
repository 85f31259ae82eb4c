// A program that a test starts beside itself: servers, clients, the bridge's own binary.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace copybridge::testing_support {

/// Killed with its object. Not thread-safe.
class ChildProcess {
 public:
  /// Starts a program (found in PATH) with standard output and error on pipes. Ends the test
  /// program where it cannot be started.
  explicit ChildProcess(std::vector<std::string> arguments);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// The next line of standard error, without line end; empty at its end or after 20 seconds.
  std::string read_error_line();
  /// Reads `listening on HOST:PORT` from standard error; 0 where something else stands there.
  int read_port();
  void send(int signal) const;
  /// Waits for the end and returns the exit code, or 128 and the signal. Reads what is left of
  /// both outputs meanwhile.
  int wait();
  /// All of standard output, and what read_error_line() left of standard error, after wait().
  [[nodiscard]] const std::string& output() const { return output_; }
  [[nodiscard]] const std::string& error_output() const { return error_output_; }

 private:
  bool fill(int timeout_ms);

  pid_t pid_ = -1;
  int output_pipe_ = -1;
  int error_pipe_ = -1;
  std::string output_;
  std::string error_output_;
};

/// Runs a program to its end; its exit code.
int run_program(std::vector<std::string> arguments);

}  // namespace copybridge::testing_support
