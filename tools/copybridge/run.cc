// `copybridge run`: the bridge itself.
#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "bridge/bridge.h"
#include "tools/copybridge/commands.h"
#include "tools/copybridge/diagnose.h"

namespace copybridge::cli {
namespace {

struct RunOptions {
  std::string file;
  bool until_idle = false;
  std::int64_t give_up_after_s = 600;
};

/// Turns SIGTERM and SIGINT into stops. The signals are blocked before any other thread exists,
/// so that only this object's thread takes them.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  ~StopSignals() {
    done_ = true;
    if (thread_.joinable()) thread_.join();
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  void watch(bridge::Bridge& bridge) {
    thread_ = std::thread([this, &bridge] {
      const timespec wait{0, 100'000'000};
      while (!done_) {
        if (sigtimedwait(&signals_, nullptr, &wait) > 0) bridge.stop();
      }
    });
  }

 private:
  sigset_t signals_{};
  std::atomic<bool> done_{false};
  std::thread thread_;
};

int run(const RunOptions& options) {
  Diagnostics diagnostics;
  const auto config = bridge::load_bridge(options.file, diagnostics);
  print_diagnostics(diagnostics);
  if (!config) return exit_code(ErrorKind::config);
  signal(SIGPIPE, SIG_IGN);
  StopSignals signals;
  Log log(config->log_level, config->log_format, system_clock());
  const bridge::RunSettings settings{
      .until_idle = options.until_idle,
      .give_up_after = std::chrono::seconds(options.until_idle ? options.give_up_after_s : 0)};
  const auto made = bridge::Bridge::make(*config, settings, system_clock(), log);
  if (!made) return report_error(made.error());
  signals.watch(**made);
  return (*made)->run(COPYBRIDGE_VERSION);
}

}  // namespace

void add_run(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("run", "Run a bridge.");
  const auto options = std::make_shared<RunOptions>();
  command->add_option("BRIDGE.yaml", options->file, "The bridge file.")->required();
  command->add_flag("--until-idle", options->until_idle,
                    "End when the sources are dry (batch jobs).");
  command
      ->add_option("--give-up-after", options->give_up_after_s,
                   "With --until-idle: end with 4 when an endpoint or source was away this "
                   "many seconds; 0: never.")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace copybridge::cli
