// How fast a spool is on a disk: records appended, synced, read back and settled, beside what the
// disk's own rate of syncs would allow.
//
//   spool_bench DIRECTORY [RECORDS [RECORDS_PER_GROUP]]
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "bridge/core/descriptor.h"
#include "bridge/spool/store.h"

namespace copybridge::spool {
namespace {

constexpr std::size_t kRecordBytes = 280;
constexpr std::size_t kProbes = 300;

struct Job {
  std::filesystem::path directory;
  std::uint64_t records = 1'000'000;
  std::uint64_t group = 1000;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "spool_bench: %s\n", why.c_str());
  std::exit(1);
}

/// Records per second of a program that does nothing but overwrite a group's bytes in place and
/// sync them.
double rate_of_disk(const Job& job) {
  const std::filesystem::path path = job.directory / "probe";
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.is_open()) give_up("cannot make " + path.string());
  const std::string group(kRecordBytes * job.group, 'x');
  const auto write = [&](std::size_t place) {
    const auto offset = static_cast<off_t>(place * group.size());
    const bool is_written = ::pwrite(file.number(), group.data(), group.size(), offset) ==
                                static_cast<ssize_t>(group.size()) &&
                            ::fdatasync(file.number()) == 0;
    if (!is_written) give_up("cannot write " + path.string());
  };
  for (std::size_t place = 0; place < 8; ++place) write(place);
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < kProbes; ++i) write(i % 8);
  const double seconds = seconds_since(start);
  ::unlink(path.c_str());
  return static_cast<double>(kProbes * job.group) / seconds;
}

std::unique_ptr<Store> open_store(const Job& job) {
  auto storage = open_directory(job.directory / "spool");
  if (!storage) give_up(storage.error().message);
  StoreSettings settings;
  settings.append.name = "bench";
  auto store = Store::open(std::move(*storage), settings,
                           [](const Damage& damage) { give_up("damage: " + damage.reason); });
  if (!store) give_up(store.error().message);
  return std::move(*store);
}

adapters::RecordBatch make_group(const Job& job) {
  adapters::RecordBatch batch;
  batch.id_prefix = "bench/1/";
  batch.bytes.resize(kRecordBytes * job.group);
  for (std::uint32_t i = 0; i < job.group; ++i) {
    batch.records.push_back({i * static_cast<std::uint32_t>(kRecordBytes), kRecordBytes});
  }
  return batch;
}

/// Reads and settles until `records` are gone.
void drain(Store& store, std::uint64_t records) {
  adapters::RecordBatch batch;
  for (std::uint64_t done = 0; done < records;) {
    const Result<bool> got = store.reader().read(batch);
    if (!got) give_up(got.error().message);
    if (!*got) {
      std::this_thread::yield();
      continue;
    }
    done += batch.records.size();
    const Result<void> settled = store.reader().settle(
        {batch.token, std::vector(batch.records.size(), adapters::Fate::delivered)});
    if (!settled) give_up(settled.error().message);
  }
}

double rate_of_spool(const Job& job) {
  const std::unique_ptr<Store> store = open_store(job);
  adapters::RecordBatch batch = make_group(job);
  const auto start = std::chrono::steady_clock::now();
  std::thread reader([&] { drain(*store, job.records); });
  for (std::uint64_t done = 0; done < job.records;) {
    const Result<bool> appended = store->appender().append(batch);
    if (!appended) give_up(appended.error().message);
    if (!*appended) {
      std::this_thread::yield();
      continue;
    }
    const Result<void> committed = store->appender().commit();
    if (!committed) give_up(committed.error().message);
    done += job.group;
    batch.first_number += job.group;
  }
  const double durable = seconds_since(start);
  reader.join();
  std::printf("appended and synced %10.0f records/s\n", static_cast<double>(job.records) / durable);
  return static_cast<double>(job.records) / seconds_since(start);
}

int run(const Job& job) {
  std::filesystem::create_directories(job.directory);
  const double before = rate_of_disk(job);
  const double spool = rate_of_spool(job);
  const double disk = (before + rate_of_disk(job)) / 2;
  std::printf("and read and settled %9.0f records/s\n", spool);
  std::printf("the disk's own syncs %9.0f records/s, of which that is %.2f\n", disk, spool / disk);
  std::filesystem::remove_all(job.directory / "spool");
  return 0;
}

}  // namespace
}  // namespace copybridge::spool

int main(int count, char** arguments) {
  if (count < 2 || count > 4) {
    std::fprintf(stderr, "usage: spool_bench DIRECTORY [RECORDS [RECORDS_PER_GROUP]]\n");
    return 1;
  }
  copybridge::spool::Job job{.directory = arguments[1]};
  if (count > 2) job.records = std::strtoull(arguments[2], nullptr, 10);
  if (count > 3) job.group = std::strtoull(arguments[3], nullptr, 10);
  if (job.group == 0) return 1;
  job.records -= job.records % job.group;
  return copybridge::spool::run(job);
}
