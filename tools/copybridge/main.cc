// The program that users call. It starts within milliseconds, because it holds only the commands
// that need the codec alone and none of the libraries of brokers and endpoints: one file of a
// thousand may be decoded by a process of its own. Everything else is copybridge-full's.
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "tools/copybridge/command_line.h"

namespace {

struct Command {
  std::string_view name;
  copybridge::cli::AddCommand add;
};

constexpr std::array<Command, 6> kCodecCommands = {{{"decode", copybridge::cli::add_decode},
                                                    {"encode", copybridge::cli::add_encode},
                                                    {"layout", copybridge::cli::add_layout},
                                                    {"schema", copybridge::cli::add_schema},
                                                    {"inspect", copybridge::cli::add_inspect},
                                                    {"test", copybridge::cli::add_test}}};

/// Becomes the program that has every command. It stands beside this one, or in ../libexec.
int become_full(char** arguments) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto beside = self.parent_path() / "copybridge-full";
  const auto behind = self.parent_path().parent_path() / "libexec" / "copybridge-full";
  ::execv(beside.c_str(), arguments);
  int number = errno;
  if (number == ENOENT) {
    ::execv(behind.c_str(), arguments);
    if (errno != ENOENT) number = errno;
  }
  std::fprintf(stderr, "copybridge: cannot start %s, which belongs beside copybridge: %s\n",
               beside.c_str(), std::strerror(number));
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  for (const Command& command : kCodecCommands) {
    if (count > 1 && command.name == arguments[1])
      return copybridge::cli::run_commands({&command.add, 1}, count, arguments);
  }
  return become_full(arguments);
}
