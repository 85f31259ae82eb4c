// A folder, a state directory and a file adapter made from options as a bridge file writes them.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/file/file_adapter.h"
#include "bridge/core/config.h"
#include "bridge/core/log.h"
#include "bridge/core/state.h"

namespace copybridge::adapters {

namespace fs = std::filesystem;

/// A record as an adapter handed it out.
struct GotRecord {
  std::string id;
  std::string bytes;
  bool operator==(const GotRecord&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const GotRecord& record) {
  return out << record.id << "=" << record.bytes;
}

inline std::vector<GotRecord> records_of(const RecordBatch& batch) {
  std::vector<GotRecord> records;
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    const std::string id =
        batch.ids.empty() ? batch.id_prefix + std::to_string(batch.first_number + i) : batch.ids[i];
    const ByteView bytes = batch.bytes.view(batch.records[i].offset, batch.records[i].size);
    records.push_back({id, std::string(bytes.begin(), bytes.end())});
  }
  return records;
}

inline std::vector<std::string> texts_of(const std::vector<GotRecord>& records) {
  std::vector<std::string> texts;
  texts.reserve(records.size());
  for (const GotRecord& record : records) texts.push_back(record.bytes);
  return texts;
}

class FileFixture : public testing::Test {
 protected:
  FileFixture()
      : log_(LogLevel::debug, LogFormat::json, system_clock(),
             [this](std::string_view line) { lines_.emplace_back(line); }) {}

  void SetUp() override {
    // In memory where there is such a folder: what is tested syncs often.
    const fs::path base = ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : fs::temp_directory_path();
    std::string pattern = (base / "copybridge-file-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    fs::create_directory(folder_ / "in");
    Result<StateDirectory> state = StateDirectory::open(folder_ / "state");
    ASSERT_TRUE(state) << to_string(state.error());
    state_ = std::make_unique<StateDirectory>(std::move(*state));
  }
  void TearDown() override {
    adapter_.reset();
    state_.reset();
    fs::remove_all(folder_);
  }

  [[nodiscard]] fs::path in(const std::string& name) const { return folder_ / "in" / name; }

  /// Writes in place; the time is always another one, however fast the test is.
  void write(const fs::path& path, const std::string& text, bool appends = false) {
    std::ofstream(path, std::ios::binary | (appends ? std::ios::app : std::ios::trunc)) << text;
    set_time(path, ++written_);
  }
  void append(const fs::path& path, const std::string& text) { write(path, text, true); }
  /// Seconds since 1970, long settled.
  static void set_time(const fs::path& path, std::int64_t seconds) {
    const timespec time{1'700'000'000 + seconds, 0};
    const timespec times[] = {time, time};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0) << path;
  }
  static std::string contents(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  /// Names in a folder, sorted, hidden ones too.
  static std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder))
      names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
  }

  /// Makes an adapter named `accounts` and opens it. What a test does not say: all of in/, read
  /// once, four-byte records, no settle time.
  void start(const std::string& options = "") { start_in(folder_, options); }
  void start_in(const fs::path& folder, const std::string& options) {
    adapter_.reset();
    adapter_ = make(folder, options);
    ASSERT_NE(adapter_, nullptr);
    const Result<void> opened = adapter_->open();
    ASSERT_TRUE(opened) << to_string(opened.error());
  }
  std::unique_ptr<Adapter> make(const fs::path& folder, const std::string& options) {
    diagnostics_ = {};
    const auto has = [&](const std::string& key) {
      return ("\n" + options).find("\n" + key + ":") != std::string::npos;
    };
    std::string text = options + "\n";
    if (!has("path")) text += "path: \"in/*\"\n";
    if (!has("recfm")) text += "recfm: F\nlrecl: 4\n";
    if (!has("watch")) text += "watch: no\n";
    if (!has("settle_time_ms")) text += "settle_time_ms: 0\n";
    const ConfigNode node = parse_yaml(text, "bridge.yaml", diagnostics_);
    const Options read = read_options(node, kFileAdapter.options, {}, diagnostics_);
    if (diagnostics_.has_errors()) return nullptr;
    const AdapterContext context{"accounts", folder, state_.get(), log_, system_clock()};
    return kFileAdapter.make(context, read, diagnostics_);
  }
  /// As a crash: nothing is closed or settled.
  void crash() { adapter_.reset(); }

  /// The next batch; fails the test where there is none soon.
  RecordBatch next() {
    RecordBatch batch;
    const Result<ReadStatus> status = adapter_->read(batch, Milliseconds(2000));
    EXPECT_TRUE(status) << to_string(status.error());
    EXPECT_EQ(status.value_or(ReadStatus::dry), ReadStatus::batch);
    return batch;
  }
  Result<ReadStatus> status_of_read(Milliseconds wait = Milliseconds(0)) {
    RecordBatch batch;
    return adapter_->read(batch, wait);
  }
  ErrorKind read_error() {
    const Result<ReadStatus> status = status_of_read();
    EXPECT_FALSE(status);
    return status ? ErrorKind::usage : status.error().kind;
  }
  void settle(const RecordBatch& batch, Fate fate = Fate::delivered) {
    settle(batch, std::vector<Fate>(batch.records.size(), fate));
  }
  void settle(const RecordBatch& batch, std::vector<Fate> fates) {
    const Result<void> settled = adapter_->settle({batch.token, std::move(fates)});
    EXPECT_TRUE(settled) << to_string(settled.error());
  }
  /// Reads and settles until the source is dry or fails.
  std::vector<GotRecord> drain() {
    std::vector<GotRecord> all;
    last_error_.reset();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(40);
    while (std::chrono::steady_clock::now() < deadline) {
      RecordBatch batch;
      const Result<ReadStatus> status = adapter_->read(batch, Milliseconds(20));
      if (!status) {
        last_error_ = status.error();
        return all;
      }
      if (*status == ReadStatus::dry) return all;
      if (*status == ReadStatus::idle) continue;
      const std::vector<GotRecord> records = records_of(batch);
      all.insert(all.end(), records.begin(), records.end());
      settle(batch);
    }
    ADD_FAILURE() << "the source never became dry";
    return all;
  }
  std::vector<std::string> drain_texts() { return texts_of(drain()); }

  /// Changes what is stored behind the adapter's back.
  void run_sql(const std::string& sql) {
    Result<Database> database = state_->open_database();
    ASSERT_TRUE(database);
    const Result<void> run = database->execute(sql);
    ASSERT_TRUE(run) << to_string(run.error());
  }

  /// The log lines of an event.
  [[nodiscard]] std::vector<std::string> lines_of(const std::string& event) const {
    std::vector<std::string> found;
    for (const std::string& line : lines_) {
      if (line.find("\"event\":\"" + event + "\"") != std::string::npos) found.push_back(line);
    }
    return found;
  }
  [[nodiscard]] std::string line_of(const std::string& event) const {
    const std::vector<std::string> found = lines_of(event);
    EXPECT_EQ(found.size(), 1U) << event;
    return found.empty() ? "" : found.front();
  }

  fs::path folder_;
  std::unique_ptr<StateDirectory> state_;
  std::vector<std::string> lines_;
  Log log_;
  Diagnostics diagnostics_;
  std::unique_ptr<Adapter> adapter_;
  std::optional<Error> last_error_;
  std::int64_t written_ = 0;
};

}  // namespace copybridge::adapters
