// Child processes by fork and exec.
#include "tests/support/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace copybridge::testing_support {
namespace {

constexpr int kPatienceMs = 20'000;

/// Appends what a pipe holds; closes it at its end.
void drain(int& pipe, std::string& text) {
  std::array<char, 65536> piece{};
  const ssize_t got = ::read(pipe, piece.data(), piece.size());
  if (got > 0) {
    text.append(piece.data(), static_cast<std::size_t>(got));
  } else {
    ::close(pipe);
    pipe = -1;
  }
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> arguments) {
  std::array<int, 2> output{};
  std::array<int, 2> error{};
  if (::pipe2(output.data(), O_CLOEXEC) != 0 || ::pipe2(error.data(), O_CLOEXEC) != 0) std::abort();
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(output[1], STDOUT_FILENO);
    ::dup2(error[1], STDERR_FILENO);
    ::execvp(words[0], words.data());
    std::perror(words[0]);
    ::_exit(127);
  }
  ::close(output[1]);
  ::close(error[1]);
  output_pipe_ = output[0];
  error_pipe_ = error[0];
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    send(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (output_pipe_ >= 0) ::close(output_pipe_);
  if (error_pipe_ >= 0) ::close(error_pipe_);
}

/// Reads once from whichever pipe has something; false when both have ended or time is up.
bool ChildProcess::fill(int timeout_ms) {
  std::array<pollfd, 2> pipes = {{{output_pipe_, POLLIN, 0}, {error_pipe_, POLLIN, 0}}};
  if (output_pipe_ < 0 && error_pipe_ < 0) return false;
  if (::poll(pipes.data(), pipes.size(), timeout_ms) <= 0) return false;
  if (pipes[0].revents != 0) drain(output_pipe_, output_);
  if (pipes[1].revents != 0) drain(error_pipe_, error_output_);
  return true;
}

std::string ChildProcess::read_error_line() {
  std::size_t end = error_output_.find('\n');
  while (end == std::string::npos && error_pipe_ >= 0 && fill(kPatienceMs)) {
    end = error_output_.find('\n');
  }
  std::string line = error_output_.substr(0, end);
  error_output_.erase(0, end == std::string::npos ? end : end + 1);
  return line;
}

int ChildProcess::read_port() {
  const std::string line = read_error_line();
  const std::size_t colon = line.rfind(':');
  if (!line.starts_with("listening on ") || colon == std::string::npos) return 0;
  return std::atoi(line.c_str() + colon + 1);
}

void ChildProcess::send(int signal) const { ::kill(pid_, signal); }

int ChildProcess::wait() {
  while (fill(kPatienceMs)) {
  }
  int status = 0;
  if (output_pipe_ >= 0 || error_pipe_ >= 0) send(SIGKILL);
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run_program(std::vector<std::string> arguments) {
  return ChildProcess(std::move(arguments)).wait();
}

}  // namespace copybridge::testing_support
