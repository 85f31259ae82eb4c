// How messages lie in the folder is told at the top of the script.
#include "tests/support/mqweb_double.h"

#include <fmt/format.h>

#include <fstream>

#include "tests/support/paths.h"

namespace copybridge::testing_support {

MqwebDouble::MqwebDouble(std::filesystem::path folder)
    : folder_(std::move(folder)),
      process_(
          {"python3", support::source_path("tests/support/mqweb_double.py"), folder_.string()}),
      port_(process_.read_port()) {}

std::string MqwebDouble::options_at(int port, const std::string& queue) {
  return fmt::format("url: 'http://127.0.0.1:{}', queue_manager: QM.1, queue: {}", port, queue);
}

void MqwebDouble::put(const std::string& queue, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    ++put_;
    std::ofstream(folder_ / "new") << fmt::format(
        R"({{"id": "{:048x}", "correlationId": "{:048d}", "format": "MQSTR", "body": "{}"}})", put_,
        0, text);
    std::filesystem::rename(folder_ / "new", folder_ / queue / fmt::format("{:09d}.json", put_));
  }
}

std::size_t MqwebDouble::depth(const std::string& queue) const {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / queue))
    if (entry.path().extension() == ".json") ++count;
  return count;
}

}  // namespace copybridge::testing_support
