// Puts and gets messages for tests and for a person, through any client library:
//   mqtool put QUEUE [COUNT]   each line of standard input is a message; with COUNT, so often
//   mqtool get QUEUE [COUNT]   takes messages and prints them, one a line
//   mqtool browse QUEUE        prints the messages and leaves them
//   mqtool depth QUEUE         says how many there are
//   mqtool load QUEUE COUNT SIZE   standard input is COUNT messages of SIZE bytes, or comes again
//   mqtool loop QUEUE COUNT [UNIT] the bare loop of gets and commits, UNIT messages in a unit of
//                                  work: messages a second
// The library is COPYBRIDGE_MQ_LIBRARY, else the double's; the queue manager
// COPYBRIDGE_MQ_QUEUE_MANAGER, else the default one.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <limits>
#include <vector>

#include "tests/support/mq_double/mq_library.h"
#include "tests/support/mq_double/test_queue_manager.h"

namespace copybridge::mq_double {
namespace {

namespace gmo = mqi::gmo;
namespace oo = mqi::oo;
namespace pmo = mqi::pmo;

std::string from_environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

void put_lines(MqClient& client, const std::string& queue, long count) {
  const mqi::Hobj hobj = client.open(queue, oo::kOutput);
  for (std::string line; std::getline(std::cin, line);) {
    for (long i = 0; i < count; ++i) {
      client.put(hobj, line, pmo::kSyncpoint | pmo::kNewMsgId);
      if (i % 1000 == 999) client.commit();
    }
  }
  client.commit();
}

void print_all(MqClient& client, mqi::Hobj hobj, mqi::Long options, long count) {
  for (long i = 0; i < count; ++i) {
    const auto message = client.get(hobj, options, 0, {}, 4'194'304);
    if (!message) return;
    std::cout << message->body << '\n';
  }
}

void load(MqClient& client, const std::string& queue, long count, std::size_t size) {
  const std::string data{std::istreambuf_iterator<char>(std::cin), {}};
  if (data.size() < size) throw std::runtime_error("standard input is too short");
  const mqi::Hobj hobj = client.open(queue, oo::kOutput);
  const std::size_t records = data.size() / size;
  for (long i = 0; i < count; ++i) {
    const std::size_t at = static_cast<std::size_t>(i) % records * size;
    client.put(hobj, std::string_view(data).substr(at, size), pmo::kSyncpoint | pmo::kNewMsgId);
    if (i % 1000 == 999) client.commit();
  }
  client.commit();
}

void measure(MqClient& client, const std::string& queue, long count, long unit) {
  using SteadyClock = std::chrono::steady_clock;
  const mqi::Hobj hobj = client.open(queue, oo::kInputShared);
  const SteadyClock::time_point start = SteadyClock::now();
  for (long i = 0; i < count; ++i) {
    if (!client.get(hobj, gmo::kSyncpoint, 5000)) throw std::runtime_error("too few messages");
    if (i % unit == unit - 1) client.commit();
  }
  client.commit();
  const double seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
  std::cout << static_cast<long>(static_cast<double>(count) / seconds) << " messages a second\n";
}

int run(const std::vector<std::string>& arguments) {
  const MqLibrary library(from_environment("COPYBRIDGE_MQ_LIBRARY", client_library()));
  MqClient client(library, from_environment("COPYBRIDGE_MQ_QUEUE_MANAGER", ""));
  const std::string& command = arguments[0];
  const std::string& queue = arguments[1];
  const bool is_counted = arguments.size() > 2;
  const long count = is_counted ? std::stol(arguments[2]) : 1;
  if (command == "put") {
    put_lines(client, queue, count);
  } else if (command == "get") {
    print_all(client, client.open(queue, oo::kInputShared), gmo::kNoSyncpoint,
              is_counted ? count : std::numeric_limits<long>::max());
  } else if (command == "browse") {
    print_all(client, client.open(queue, oo::kBrowse), gmo::kBrowseNext,
              std::numeric_limits<long>::max());
  } else if (command == "depth") {
    std::cout << client.depth(queue) << '\n';
  } else if (command == "loop") {
    measure(client, queue, count, arguments.size() > 3 ? std::stol(arguments[3]) : 1);
  } else if (command == "load" && arguments.size() > 3) {
    load(client, queue, count, std::stoul(arguments[3]));
  } else {
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace copybridge::mq_double

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: mqtool put|get|browse|depth|load|loop QUEUE [COUNT [SIZE|UNIT]]\n";
    return 2;
  }
  try {
    return copybridge::mq_double::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "mqtool: " << error.what() << '\n';
    return 1;
  }
}
