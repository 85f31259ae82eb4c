// Hostile lines of FTP listings: the first line is a pattern, each further one is read as every
// kind. What is taken for a file can stand in a command and has the form of its kind.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/ftp/listing.h"
#include "bridge/transfer/ftp.h"

namespace {

using namespace copybridge;
using namespace copybridge::adapters::ftp;
using File = std::optional<adapters::remote::RemoteFile>;

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const File& file) {
  if (!file) return;
  require(!file->name.empty() && transfer::is_sendable(file->name));
  require(transfer::is_sendable(file->version));
  require(file->is_size_exact || file->size == 0);
}

bool is_without_stars(std::string_view name) {
  return name.find_first_of("*%") == std::string_view::npos &&
         std::ranges::none_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
}

void read(std::string_view line, std::string_view pattern) {
  check(parse_mlsd(line));
  check(parse_unix(line));
  check(parse_member(line, "HLQ.LIB"));
  const File job = parse_job(line);
  check(job);
  require(!job || job->name.size() == 10);
  const File data_set = parse_data_set(line);
  check(data_set);
  require(!data_set || (transfer::is_data_set(data_set->name) && data_set->name.size() <= 46));
  static_cast<void>(parse_time(line));
  require(matches_data_set("**", line));
  if (is_without_stars(line)) require(matches_data_set(line, line));
  // A star within a qualifier matches nothing that one over several does not.
  if (matches_data_set("*", line)) require(line.find('.') == std::string_view::npos);
  static_cast<void>(matches_data_set(pattern, line));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view pattern = text.substr(0, text.find('\n'));
  text.remove_prefix(pattern.size());
  while (!text.empty()) {
    text.remove_prefix(1);
    const std::string_view line = text.substr(0, text.find('\n'));
    read(line, pattern);
    text.remove_prefix(line.size());
  }
  return 0;
}
