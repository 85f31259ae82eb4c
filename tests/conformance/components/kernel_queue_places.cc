// Where the adapters posix-mq and sysv read.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "tests/conformance/components/place.h"

namespace copybridge::tests {
namespace {

namespace fs = std::filesystem;

/// Its name tells the test's process.
class PosixQueue final : public Place {
 public:
  explicit PosixQueue(const fs::path& folder) : name_("/copybridge-" + folder.filename().string()) {
    mq_attr attributes{};
    attributes.mq_maxmsg = 10;
    attributes.mq_msgsize = 64;
    queue_ = ::mq_open(name_.c_str(), O_WRONLY | O_CREAT, 0600, &attributes);
    EXPECT_NE(queue_, -1) << std::generic_category().message(errno);
  }
  ~PosixQueue() override {
    ::mq_close(queue_);
    ::mq_unlink(name_.c_str());
  }
  std::string options() const override { return "{queue: " + name_ + ", batch_records_max: 4}"; }
  void feed(const std::vector<std::string>& records) override {
    for (const std::string& record : records)
      EXPECT_EQ(::mq_send(queue_, record.data(), record.size(), 0), 0);
  }

 private:
  std::string name_;
  mqd_t queue_;
};

class SysvQueue final : public Place {
 public:
  explicit SysvQueue(const fs::path& folder)
      : path_(folder / "in"), queue_(::msgget(key_of(path_), IPC_CREAT | 0600)) {
    EXPECT_NE(queue_, -1) << std::generic_category().message(errno);
  }
  ~SysvQueue() override { ::msgctl(queue_, IPC_RMID, nullptr); }
  std::string options() const override {
    return "{key_path: '" + path_.string() + "', key_project: 7, batch_records_max: 4}";
  }
  void feed(const std::vector<std::string>& records) override {
    for (const std::string& record : records) {
      std::array<char, sizeof(long) + 8> message{};
      const long type = 3;
      std::memcpy(message.data(), &type, sizeof type);
      std::memcpy(message.data() + sizeof type, record.data(), 8);
      EXPECT_EQ(::msgsnd(queue_, message.data(), 8, 0), 0);
    }
  }

 private:
  static key_t key_of(const fs::path& path) {
    fs::create_directories(path);
    return ::ftok(path.c_str(), 7);
  }
  fs::path path_;
  int queue_;
};

// What they have sent is nowhere else: there they are read by way of a spool only.
const AdapterRig kRigs[] = {{"posix-mq", Behind::spool, make_place<PosixQueue>},
                            {"sysv", Behind::spool, make_place<SysvQueue>}};
const RegisteredRigs kRegistered{kRigs};
}  // namespace
}  // namespace copybridge::tests
