// TLS and HTTP/2 of the publisher http: what is verified, who is let in.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include "bridge/publishers/http_publisher.h"
#include "tests/support/child_process.h"
#include "tests/unit/publishers/certificates.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::ChildProcess;

class HttpTls : public testing::Test {
 protected:
  HttpTls() : certificates_(folder_.path()) {
    certificates_.issue("server", "IP:127.0.0.1");
    certificates_.issue("other", "DNS:other.example");
    certificates_.issue("client", "DNS:client.example");
  }
  /// An endpoint with the named certificate; `more` are further arguments.
  void serve(const std::string& name, const std::vector<std::string>& more = {}) {
    server_ = certificates_.serve(name, more);
    port_ = server_->read_port();
  }
  Response send_one(const std::string& more) {
    Harness harness(kHttpPublisher,
                    "{url: 'https://127.0.0.1:" + std::to_string(port_) + "/', " + more + "}",
                    folder_.path());
    EXPECT_EQ(harness.mistakes(), "");
    const Result<void> opened = harness.open();
    EXPECT_TRUE(opened) << opened.error().message;
    return harness.publish_and_wait({events_.add("one")});
  }

  TestFolder folder_;
  EventStore events_;
  Certificates certificates_;
  std::unique_ptr<ChildProcess> server_;
  int port_ = 0;
};

TEST_F(HttpTls, KnownAuthorityIsAccepted) {
  serve("server");
  const Response response = send_one("ca_bundle: ca.pem");
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::accepted)) << response.reason;
}

TEST_F(HttpTls, UnknownAuthorityIsRefused) {
  serve("server");
  const Response response = send_one("mode: body");
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::refused));
  EXPECT_THAT(response.reason, HasSubstr("certificate"));
  EXPECT_EQ(folder_.read("requests"), "");
}

TEST_F(HttpTls, CertificateOfAnotherHostIsRefused) {
  serve("other");
  EXPECT_THAT(send_one("ca_bundle: ca.pem").outcomes, ElementsAre(Outcome::refused));
  EXPECT_EQ(folder_.read("requests"), "");
}

TEST_F(HttpTls, InsecureTakesAnyCertificate) {
  serve("other");
  EXPECT_THAT(send_one("insecure: yes").outcomes, ElementsAre(Outcome::accepted));
}

TEST_F(HttpTls, ClientCertificateLetsUsIn) {
  serve("server", {"--client-ca", certificates_.path("ca.pem")});
  const Response response =
      send_one("ca_bundle: ca.pem, client_certificate: client.pem, client_key: client.key");
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::accepted)) << response.reason;
}

TEST_F(HttpTls, MissingClientCertificateIsRefused) {
  serve("server", {"--client-ca", certificates_.path("ca.pem"), "--tls12"});
  const Response response = send_one("ca_bundle: ca.pem");
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::refused)) << response.reason;
}

/// TLS 1.3 tells a client without certificate only after its request is on the way, where a reset
/// can overtake the alert.
TEST_F(HttpTls, MissingClientCertificateIsNotAcceptedWithTls13) {
  serve("server", {"--client-ca", certificates_.path("ca.pem")});
  EXPECT_THAT(send_one("ca_bundle: ca.pem").outcomes,
              ElementsAre(testing::AnyOf(Outcome::refused, Outcome::retry)));
  EXPECT_EQ(folder_.read("requests"), "");
}

/// A port that was free a moment ago: nghttpd cannot choose one itself.
int free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ::close(descriptor);
  return ntohs(address.sin_port);
}

/// Tests against nghttpd, which speaks nothing but HTTP/2 and prints what it reads.
class HttpTwo : public HttpTls {
 protected:
  void serve_http2(std::vector<std::string> more) {
    port_ = free_port();
    // Into a file: a full pipe would stop it.
    std::vector<std::string> command = {
        "sh", "-c", "exec nghttpd -v --echo-upload -a 127.0.0.1 \"$@\" > " + printed_path(), "sh"};
    if (more.empty()) command.push_back("--no-tls");
    command.push_back(std::to_string(port_));
    command.insert(command.end(), more.begin(), more.end());
    server_ = std::make_unique<ChildProcess>(std::move(command));
  }
  /// Sends until the server is up.
  Response send_until_accepted(Harness& harness, const std::vector<const Event*>& events) {
    Response response;
    const SteadyTime limit = std::chrono::steady_clock::now() + kPatience;
    do {
      response = harness.publish_and_wait(events);
    } while (response.outcomes == std::vector{Outcome::retry} &&
             std::chrono::steady_clock::now() < limit);
    return response;
  }
  std::string printed() {
    server_->send(SIGTERM);
    server_->wait();
    return folder_.read("printed");
  }
  std::string printed_path() const { return certificates_.path("printed"); }
};

TEST_F(HttpTwo, SpeaksItWithoutTlsByPriorKnowledge) {
  serve_http2({});
  Harness harness(kHttpPublisher, "{url: 'http://127.0.0.1:" + std::to_string(port_) +
                                      "/', http2: prior-knowledge, requests_in_flight: 8}");
  ASSERT_TRUE(harness.open());
  EXPECT_THAT(send_until_accepted(harness, {events_.add("one")}).outcomes,
              ElementsAre(Outcome::accepted));
  std::vector<std::uint64_t> numbers;
  for (const Event* event : events_.add_many(50)) numbers.push_back(harness.publish({event}));
  for (const std::uint64_t number : numbers) {
    EXPECT_THAT(harness.response_to(number).outcomes, ElementsAre(Outcome::accepted));
  }
  EXPECT_THAT(printed(), HasSubstr("ce-id: id-49"));
}

TEST_F(HttpTwo, AgreesOnItWithTls) {
  serve_http2({certificates_.path("server.key"), certificates_.path("server.pem")});
  Harness harness(kHttpPublisher,
                  "{url: 'https://127.0.0.1:" + std::to_string(port_) + "/', ca_bundle: ca.pem}",
                  folder_.path());
  ASSERT_TRUE(harness.open());
  const Response response = send_until_accepted(harness, {events_.add("one")});
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::accepted)) << response.reason;
  std::vector<std::uint64_t> numbers;
  for (const Event* event : events_.add_many(50)) numbers.push_back(harness.publish({event}));
  for (const std::uint64_t number : numbers) {
    EXPECT_THAT(harness.response_to(number).outcomes, ElementsAre(Outcome::accepted));
  }
  const std::string text = printed();
  EXPECT_THAT(text, HasSubstr("[id=1]"));
  EXPECT_THAT(text, HasSubstr("ce-id: id-49"));
}

}  // namespace
}  // namespace copybridge::publishers
