// Whom the bridge's own proxy lets in; that it goes out is tested with its users.
#include "bridge/sockets/relay.h"

#include <gmock/gmock.h>

#include "bridge/core/digest.h"
#include "tests/support/http_post.h"

namespace copybridge::sockets {
namespace {

using testing::StartsWith;

class RelayTest : public testing::Test {
 protected:
  RelayTest() : relay_(std::move(*Relay::start({}, Milliseconds(5'000)))) {
    const std::string& place = relay_->place();
    login_ = place.substr(0, place.find('@'));
    port_ = static_cast<std::uint16_t>(std::stoi(place.substr(place.rfind(':') + 1)));
  }
  std::string ask(const std::string& line, const std::string& login) const {
    return support::send_raw(
        port_, line + "\r\nHost: x\r\nProxy-Authorization: Basic " + base64(login) + "\r\n\r\n");
  }

  std::unique_ptr<Relay> relay_;
  std::string login_;
  std::uint16_t port_ = 0;
};

TEST_F(RelayTest, LetsInWhoKnowsItsLogin) {
  EXPECT_THAT(ask("CONNECT 127.0.0.1:1 HTTP/1.1", login_), StartsWith("HTTP/1.1 200 "));
  const std::optional<Error> failure = relay_->take_failure();
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->message, "Connection refused");
  EXPECT_FALSE(relay_->take_failure()) << "it is said once";
}

TEST_F(RelayTest, LetsInNobodyElse) {
  EXPECT_THAT(ask("CONNECT 127.0.0.1:1 HTTP/1.1", "bridge:guessed"), StartsWith("HTTP/1.1 407 "));
  EXPECT_THAT(support::send_raw(port_, "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n"),
              StartsWith("HTTP/1.1 407 "));
  EXPECT_FALSE(relay_->take_failure()) << "nothing was tried";
}

TEST_F(RelayTest, MakesTunnelsOnly) {
  for (const char* line : {"GET http://127.0.0.1:1/ HTTP/1.1", "CONNECT 127.0.0.1 HTTP/1.1",
                           "CONNECT  HTTP/1.1", "CONNECT"}) {
    EXPECT_THAT(ask(line, login_), StartsWith("HTTP/1.1 400 ")) << line;
  }
}

TEST_F(RelayTest, EndsWithItsConnections) {
  EXPECT_EQ(login_.size(), std::string("bridge:").size() + 32);
  relay_.reset();
  EXPECT_EQ(support::send_raw(port_, "CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n"), "");
}

}  // namespace
}  // namespace copybridge::sockets
