// `copybridge listen`: an endpoint for trials and tests.
#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <system_error>

#include "tools/copybridge/commands.h"
#include "tools/copybridge/listen_server.h"

namespace copybridge::cli {
namespace {

struct ListenOptions {
  ListenSettings settings;
  std::string output;
  bool fsync = false;
  bool quiet = false;
  bool insecure = false;
};

Result<void> write_all(int descriptor, std::string_view text, const std::string& name) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      return fail(ErrorKind::storage,
                  "listen: cannot write " + name + ": " + std::generic_category().message(errno));
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> store(const ListenOptions& options, int output, std::string_view lines) {
  if (!options.quiet) {
    if (auto printed = write_all(STDOUT_FILENO, lines, "standard output"); !printed) {
      return printed;
    }
  }
  if (output < 0) return {};
  if (auto written = write_all(output, lines, options.output); !written) return written;
  if (options.fsync && ::fsync(output) != 0) {
    return fail(ErrorKind::storage, "listen: cannot sync " + options.output);
  }
  return {};
}

/// Opens --output for appending; -1 where there is none.
Result<int> open_output(const ListenOptions& options) {
  if (options.output.empty()) return -1;
  const int output =
      ::open(options.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (output < 0) {
    return fail(ErrorKind::storage, "listen: cannot open " + options.output + ": " +
                                        std::generic_category().message(errno));
  }
  return output;
}

Result<void> check_host(const ListenOptions& options) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(options.settings.host, error);
  if (error) {
    return fail(ErrorKind::usage,
                "listen: --host must be an IP address, not " + options.settings.host);
  }
  if (!address.is_loopback() && !options.insecure) {
    return fail(ErrorKind::usage,
                "listen: whoever reaches " + options.settings.host +
                    " could send events; give --insecure to listen there all the same");
  }
  return {};
}

Result<ListenTotals> listen(const ListenOptions& options) {
  if (auto checked = check_host(options); !checked) return pass_on(checked);
  const Result<int> output = open_output(options);
  if (!output) return pass_on(output);
  std::signal(SIGPIPE, SIG_IGN);
  Result<ListenTotals> totals = serve(
      options.settings, [&](std::string_view lines) { return store(options, *output, lines); },
      [&](std::uint16_t port) {
        std::fprintf(stderr, "listening on %s:%u\n", options.settings.host.c_str(), port);
      });
  if (*output >= 0) ::close(*output);
  return totals;
}

int run(const ListenOptions& options) {
  const Result<ListenTotals> totals = listen(options);
  if (!totals) {
    std::fprintf(stderr, "%s\n", to_string(totals.error()).c_str());
    return exit_code(totals.error().kind);
  }
  std::fprintf(stderr, "received %llu events in %llu requests, refused %llu, reset %llu\n",
               static_cast<unsigned long long>(totals->events),
               static_cast<unsigned long long>(totals->requests),
               static_cast<unsigned long long>(totals->failed),
               static_cast<unsigned long long>(totals->reset));
  return 0;
}

void add_faults(CLI::App& command, ListenSettings& settings) {
  const std::string group = "Faults";
  command
      .add_option("--fail-every", settings.fail_every,
                  "Answer every Nth request with --fail-status and drop its events.")
      ->group(group);
  command.add_option("--fail-status", settings.fail_status, "Status of --fail-every.")
      ->check(CLI::Range(400, 599))
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--retry-after", settings.retry_after_s,
                  "Send Retry-After with so many seconds with --fail-every.")
      ->group(group);
  command
      .add_option("--reset-every", settings.reset_every,
                  "Reset the connection at every Nth request, by turns before its events are "
                  "stored and after.")
      ->group(group);
  command.add_option("--delay-ms", settings.delay_ms, "Wait so long before every answer.")
      ->group(group);
  command
      .add_option("--respond", settings.respond,
                  "Status of all other answers; events are stored for 2xx only.")
      ->check(CLI::Range(200, 599))
      ->capture_default_str()
      ->group(group);
}

}  // namespace

void add_listen(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("listen",
                         "Receive events over HTTP for trials and tests: prints one JSON line per "
                         "event, and answers badly where it is told to.");
  const auto options = std::make_shared<ListenOptions>();
  command->add_option("--port", options->settings.port, "TCP port; 0 takes any free one.")
      ->required();
  command->add_option("--host", options->settings.host, "IP address to listen on.")
      ->capture_default_str();
  command->add_flag("--insecure", options->insecure,
                    "Allow a --host that other machines can reach.");
  command->add_option("--output", options->output,
                      "Append the lines to this file as well, before the request is answered.");
  command->add_flag("--fsync", options->fsync, "Make --output durable before every answer.");
  command->add_flag("--quiet", options->quiet, "Print no events on standard output.");
  command->add_option("--count", options->settings.count,
                      "End after so many events with different ids.");
  add_faults(*command, options->settings);
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace copybridge::cli
