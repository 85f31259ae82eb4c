// The adapter tcp and senders on loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <future>

#include "adapters/tcp/tcp_adapter.h"
#include "tests/support/http_post.h"
#include "tests/support/temporary_directory.h"

namespace copybridge::adapters {
namespace {

namespace asio = boost::asio;
using copybridge::tests::TemporaryDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr std::chrono::seconds kPatience{20};

/// A sender. What it waits for comes, or the connection ends.
class Sender {
 public:
  explicit Sender(std::uint16_t port) : socket_(context_) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
  }
  void send(std::string_view bytes) { asio::write(socket_, asio::buffer(bytes)); }
  void end() { socket_.shutdown(asio::ip::tcp::socket::shutdown_send); }
  std::string answer(std::size_t size) {
    std::string bytes(size, ' ');
    boost::system::error_code error;
    bytes.resize(asio::read(socket_, asio::buffer(bytes), error));
    return bytes;
  }
  std::string rest() {
    std::string bytes;
    boost::system::error_code error;
    asio::read(socket_, asio::dynamic_buffer(bytes), error);
    return bytes;
  }
  [[nodiscard]] std::string port() const { return std::to_string(socket_.local_endpoint().port()); }

 private:
  asio::io_context context_;
  asio::ip::tcp::socket socket_;
};

class TcpSourceTest : public ::testing::Test {
 protected:
  std::unique_ptr<Adapter> make(const std::string& options) {
    Diagnostics diagnostics;
    const ConfigNode node = parse_yaml("{" + options + "}", "b.yaml", diagnostics);
    const Options read = read_options(node, kTcpAdapter.options, {}, diagnostics);
    const AdapterContext context{"tellers", folder_.path(), nullptr, log_, system_clock()};
    auto made = kTcpAdapter.make(context, read, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) mistakes_ += to_string(diagnostic);
    return made;
  }
  void open(const std::string& more = "") {
    adapter_ = make("listen: '127.0.0.1:" + std::to_string(port_) +
                    "', recfm: F, lrecl: 4, acknowledgement_hex: '06'" + more);
    ASSERT_NE(adapter_, nullptr) << mistakes_;
    const Result<void> opened = adapter_->open();
    ASSERT_TRUE(opened) << opened.error().message;
  }
  /// Batches until so many records are there.
  std::vector<RecordBatch> read(std::size_t records) {
    std::vector<RecordBatch> batches;
    for (std::size_t count = 0; count < records; count += batches.back().records.size()) {
      batches.emplace_back();
      const Result<ReadStatus> status = adapter_->read(batches.back(), kPatience);
      if (!status || *status != ReadStatus::batch) {
        ADD_FAILURE() << "no batch came";
        break;
      }
    }
    return batches;
  }
  void settle(const RecordBatch& batch, Fate fate = Fate::delivered) {
    EXPECT_TRUE(adapter_->settle({batch.token, std::vector(batch.records.size(), fate)}));
  }
  std::string mistake(const std::string& options) {
    mistakes_.clear();
    EXPECT_EQ(make(options), nullptr) << options;
    return mistakes_;
  }

  TemporaryDirectory folder_;
  std::string mistakes_;
  std::mutex lines_mutex_;
  std::string lines_;
  Log log_{LogLevel::info, LogFormat::json, system_clock(), [this](std::string_view line) {
             const std::scoped_lock lock(lines_mutex_);
             lines_ += line;
           }};
  const std::uint16_t port_ = support::free_port();
  std::unique_ptr<Adapter> adapter_;
};

TEST_F(TcpSourceTest, AcknowledgesEachRecordWhenItIsSettledAndNotBefore) {
  open(", batch_records_max: 1");
  Sender sender(port_);
  sender.send("onesandtwo");
  const std::vector<RecordBatch> batches = read(2);
  auto answer = std::async(std::launch::async, [&] { return sender.answer(1); });
  EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  settle(batches[0]);
  EXPECT_EQ(answer.get(), "\x06");
  settle(batches[1]);
  EXPECT_EQ(sender.answer(1), "\x06");
}

TEST_F(TcpSourceTest, SaysOfEachRecordWhoHasSentIt) {
  open();
  Sender one(port_);
  Sender other(port_);
  one.send("ones");
  const std::vector<RecordBatch> first = read(1);
  other.send("twos");
  const std::vector<RecordBatch> second = read(1);
  EXPECT_THAT(first[0].record_attributes.at(0),
              ElementsAre(Pair("tcp-address", "127.0.0.1"), Pair("tcp-port", one.port())));
  EXPECT_THAT(second[0].record_attributes.at(0),
              ElementsAre(Pair("tcp-address", "127.0.0.1"), Pair("tcp-port", other.port())));
}

TEST_F(TcpSourceTest, EndsAConnectionWithoutAWordWhereARecordComesBack) {
  open(", batch_records_max: 3");
  Sender sender(port_);
  sender.send(
      "ones"
      "twos"
      "more");
  const std::vector<RecordBatch> batches = read(3);
  std::vector<Fate> fates;
  for (const RecordBatch& batch : batches) {
    std::vector<Fate> of_batch(batch.records.size(), Fate::delivered);
    // The second of all comes back.
    if (fates.size() <= 1 && fates.size() + of_batch.size() > 1)
      of_batch[1 - fates.size()] = Fate::retry;
    fates.insert(fates.end(), of_batch.begin(), of_batch.end());
    EXPECT_TRUE(adapter_->settle({batch.token, of_batch}));
  }
  EXPECT_EQ(sender.rest(), "\x06");
}

TEST_F(TcpSourceTest, AnswersASenderThatHasNoMoreToSay) {
  open();
  Sender sender(port_);
  sender.send(
      "ones"
      "twos");
  sender.end();
  for (const RecordBatch& batch : read(2)) settle(batch);
  EXPECT_EQ(sender.rest(), "\x06\x06");
}

TEST_F(TcpSourceTest, DropsWhatLiesBehindTheLastWholeRecord) {
  open();
  Sender sender(port_);
  sender.send(
      "ones"
      "tw");
  sender.end();
  for (const RecordBatch& batch : read(1)) settle(batch);
  EXPECT_EQ(sender.rest(), "\x06");
  RecordBatch batch;
  Result<ReadStatus> status = adapter_->read(batch, Milliseconds(0));
  // The connection's end is seen a moment later.
  while (status && *status == ReadStatus::idle) status = adapter_->read(batch, Milliseconds(10));
  EXPECT_EQ(*status, ReadStatus::dry);
}

TEST_F(TcpSourceTest, DoesNotReadOnWhileTooMuchIsNotSafe) {
  constexpr std::size_t kRecords = 4'000'000;  // more than any socket's buffers hold
  open(", waiting_bytes_max: 4000");
  Sender sender(port_);
  std::atomic<bool> is_sent = false;
  auto sending = std::async(std::launch::async, [&] {
    sender.send(std::string(4 * kRecords, 'x'));
    is_sent = true;
  });
  std::size_t count = 0;
  std::size_t most = 0;
  for (; count < kRecords && !HasFailure();) {
    const std::vector<RecordBatch> batches = read(1);
    EXPECT_FALSE(count == 0 && is_sent);
    most = std::max(most, batches[0].records.size());
    count += batches[0].records.size();
    settle(batches[0]);
  }
  sending.get();
  EXPECT_EQ(count, kRecords);
  EXPECT_LE(most, 1000U);
}

TEST_F(TcpSourceTest, GivesEqualRecordsEqualIdsWhereTheirContentSaysWhoTheyAre) {
  open(", id_from: content");
  Sender sender(port_);
  sender.send(
      "ones"
      "twos"
      "ones");
  std::vector<std::string> ids;
  for (const RecordBatch& batch : read(3))
    ids.insert(ids.end(), batch.ids.begin(), batch.ids.end());
  ASSERT_EQ(ids.size(), 3U);
  EXPECT_EQ(ids[0], ids[2]);
  EXPECT_NE(ids[0], ids[1]);
}

TEST_F(TcpSourceTest, GivesRecordsTheIdOfAnItemThatTheyHave) {
  folder_.write("note.cpy",
                "       01 NOTE.\n          05 KIND PIC X.\n          05 NO PIC X(2).\n"
                "          05 REST PIC X.\n          05 T PIC X OCCURS 1.\n");
  folder_.write("note.yaml",
                "name: note\ncopybook: note.cpy\ncodepage: ISO-8859-1\nevent: {type: a.b}\n");
  const std::string more =
      ", described_by: [note.yaml], recfm: line, line_end_hex: '1e', id_from: ";
  adapter_ = make("listen: '127.0.0.1:" + std::to_string(port_) + "'" + more + "NO");
  ASSERT_NE(adapter_, nullptr) << mistakes_;
  ASSERT_TRUE(adapter_->open());
  Sender sender(port_);
  sender.send(
      "a01bc\x1e"
      "x01yz\x1e"
      "a02bc\x1e"
      "a  bc\x1e"
      "a  bd\x1e"
      "a  bc\x1e"
      "a\x1e"
      "b\x1e");
  std::vector<std::string> ids;
  for (const RecordBatch& batch : read(8))
    ids.insert(ids.end(), batch.ids.begin(), batch.ids.end());
  ASSERT_EQ(ids.size(), 8U);
  EXPECT_THAT(ids[0], ::testing::StartsWith("tellers/"));
  EXPECT_EQ(ids[0], ids[1]);
  EXPECT_NE(ids[0], ids[2]);
  // Without it they go by all of their bytes.
  EXPECT_NE(ids[3], ids[4]);
  EXPECT_EQ(ids[3], ids[5]);
  EXPECT_NE(ids[6], ids[7]);
  const std::string listen = "listen: '127.0.0.1:1'" + more;
  EXPECT_THAT(mistake(listen + "NUMBER"), HasSubstr("NUMBER is not the name of one item"));
  EXPECT_THAT(mistake(listen + "T"), HasSubstr("T is not the name of one item, outside of tables"));
}

TEST_F(TcpSourceTest, SaysSoWhereAServerCannotBeReached) {
  adapter_ = make("servers: ['tcp://127.0.0.1:" + std::to_string(port_) + "'], recfm: F, lrecl: 4");
  ASSERT_NE(adapter_, nullptr) << mistakes_;
  ASSERT_TRUE(adapter_->open());
  RecordBatch batch;
  const auto limit = std::chrono::steady_clock::now() + kPatience;
  Result<ReadStatus> status = ReadStatus::idle;
  while (status && std::chrono::steady_clock::now() < limit)
    status = adapter_->read(batch, Milliseconds(100));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::source);
  EXPECT_THAT(status.error().message, HasSubstr("127.0.0.1:" + std::to_string(port_)));
}

TEST_F(TcpSourceTest, RefusesOptionsThatCannotWork) {
  struct Case {
    std::string options;
    std::string_view mistake;
  };
  const std::string listen = "listen: '127.0.0.1:1', recfm: F, lrecl: 4, ";
  for (const Case& one : {
           Case{"recfm: F, lrecl: 4", "either 'listen' or 'servers'"},
           Case{listen + "servers: 'tcp://a:1'", "either 'listen' or 'servers'"},
           Case{"servers: 'tcp://a', recfm: F, lrecl: 4", "a server needs a port"},
           Case{"servers: 'http://a:1', recfm: F, lrecl: 4", "'servers'"},
           Case{"listen: here, recfm: F, lrecl: 4", "'listen' is an IP address and a port"},
           Case{"listen: '0.0.0.0:1', recfm: F, lrecl: 4", "other machines reach this address"},
           Case{listen + "acknowledgement_hex: 6", "up to 64 bytes in hexadecimal"},
           Case{listen + "id_from: NO", "an item's name needs 'described_by' as well"},
           Case{"listen: '127.0.0.1:1', recfm: line, line_end_hex: '1', line_end: lf",
                "'line_end_hex' and 'line_end' exclude each other"},
           Case{"listen: '127.0.0.1:1', recfm: line, line_end_hex: '0D0A'",
                "line_end_hex is one byte in hexadecimal"},
           Case{listen + "line_end_hex: '1E'", "line_end_hex has no meaning with record format F"},
           Case{listen + "client_ca: a", "'client_ca' needs 'certificate'"},
           Case{listen + "ca_bundle: a", "'ca_bundle' and 'listen' exclude each other"},
           Case{listen + "interface: lo", "'interface' and 'listen' exclude each other"},
           Case{listen + "proxy: 'http://a:1'", "'proxy' and 'listen' exclude each other"},
           Case{"listen: '127.0.0.1:1'", "RECFM F needs the record's size"},
       }) {
    EXPECT_THAT(mistake(one.options), HasSubstr(one.mistake));
  }
}

}  // namespace
}  // namespace copybridge::adapters
