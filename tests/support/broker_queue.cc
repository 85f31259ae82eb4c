// Command lines of the peers.
#include "tests/support/broker_queue.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <utility>

#include "tests/support/command.h"
#include "tests/support/paths.h"

namespace copybridge::support {
namespace {

CommandResult run_or_end(const std::string& line) {
  CommandResult done = run(line);
  if (done.exit_code == 0) return done;
  std::cerr << line << ": " << done.err;
  std::abort();
}

}  // namespace

BrokerQueue::BrokerQueue(std::string protocol, std::string address)
    : protocol_(std::move(protocol)), address_(std::move(address)) {
  const char* broker = std::getenv("COPYBRIDGE_TEST_BROKER");
  std::ifstream file(build_path(broker == nullptr ? "rabbitmq_fixture" : broker) + "/address");
  std::string stomp_port;
  file >> port_ >> stomp_port;
  if (protocol_ == "stomp") port_ = stomp_port;
}

std::string BrokerQueue::server() const { return protocol_ + "://127.0.0.1:" + port_; }

std::string BrokerQueue::command(const std::string& what) const {
  return source_path("tests/support/" + protocol_ + "_peer.py") + " " + what + " " + port_ + " '" +
         address_ + "'";
}

void BrokerQueue::put(const std::vector<std::string>& bodies) const {
  std::string lines;
  for (const std::string& body : bodies) lines += body + "\n";
  run_or_end("printf '" + lines + "' | " + command("send"));
}

std::vector<std::string> BrokerQueue::take(std::size_t at_least) const {
  return lines_of(run_or_end(command("take") + " " + std::to_string(at_least)).out);
}

}  // namespace copybridge::support
