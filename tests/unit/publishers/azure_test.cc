// The publishers of Azure: signatures, identities, and what answers mean.
#include <gmock/gmock.h>

#include <array>

#include "bridge/core/digest.h"
#include "bridge/publishers/azure/azure_publishers.h"
#include "bridge/publishers/azure/identity.h"
#include "tests/support/child_process.h"
#include "tests/support/paths.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr const char* kKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// An hour before the golden vectors end.
WallTime hour_before_2026() {
  using namespace std::chrono;
  return sys_days(year(2026) / 1 / 1) - hours(1);
}

TEST(AzureSignature, OfServiceBusIsThatOfTheGoldenVector) {
  EXPECT_EQ(azure::service_bus_signature("https://contoso.servicebus.windows.net/orders",
                                         "SendOnly", kKey, hour_before_2026()),
            "SharedAccessSignature sr=https%3A%2F%2Fcontoso.servicebus.windows.net%2Forders&sig="
            "xqtJj0dtmHUF8bYUarhIs0lapBD2szV5gKLfjxaJnuA%3D&se=1767225600&skn=SendOnly");
}

TEST(AzureSignature, OfEventGridIsThatOfTheGoldenVector) {
  std::string key;
  for (char byte = 0; byte < 32; ++byte) key += byte;
  EXPECT_EQ(
      azure::event_grid_signature("https://contoso.westeurope-1.eventgrid.azure.net/api/events",
                                  key, hour_before_2026()),
      "r=https%3A%2F%2Fcontoso.westeurope-1.eventgrid.azure.net%2Fapi%2Fevents&e="
      "2026-01-01T00%3A00%3A00&s=SXBZfL7qqnjt0i1SL0FrvYVDZnD2FC8AAFWRuUaELtM%3D");
}

/// That of "Access control on Azure Cosmos DB resources", whose encoding has small letters.
TEST(AzureSignature, OfCosmosIsThatOfItsDocument) {
  const Result<std::string> key = from_base64(
      "dsZQi3KtZmCv1ljt3VNWNm7sQUF1y5rJfC6kv5JiwvW0EndXdDku/dkKBp8/ufDToSxLzR4y+O/0H/t4bQtVNw==");
  ASSERT_TRUE(key);
  EXPECT_EQ(
      azure::cosmos_signature("get", "dbs", "dbs/ToDoList", "Thu, 27 Apr 2017 00:51:12 GMT", *key),
      "type%3Dmaster%26ver%3D1.0%26sig%3Dc09PEVJrgp2uQRkr934kFbTqhByc7TVr3OHyqlu%2Bc%2Bc%3D");
}

struct Service {
  std::string_view name;
  const PublisherKind* kind;
  std::string_view options;  ///< but for the end of the endpoint's URL
  std::string_view path;     ///< of the endpoint
};

constexpr std::array kServices = {
    Service{"bus", &kAzureServiceBusPublisher, "namespace: contoso, entity: orders, policy: send",
            "bus"},
    Service{"hub", &kAzureEventHubsPublisher, "namespace: contoso, hub: orders, policy: send",
            "hub"},
    Service{"grid", &kAzureEventGridPublisher, "", "grid"},
    Service{"grid_namespace", &kAzureEventGridPublisher, "topic: orders", "grid"},
    Service{"grid_signature", &kAzureEventGridPublisher, "signature: yes", "grid"},
    Service{"queue", &kAzureQueuePublisher, "account: contoso, queue: orders", "queue/contoso"},
    Service{"cosmos", &kAzureCosmosPublisher, "account: contoso, database: d, container: c",
            "cosmos"}};

class Azure : public testing::Test {
 protected:
  Azure()
      : server_({"python3", support::source_path("tests/support/azure_double.py"), "--log",
                 (folder_.path() / "taken").string()}),
        origin_("http://127.0.0.1:" + std::to_string(server_.read_port()) + "/") {
    ::setenv("COPYBRIDGE_TEST_AZURE", kKey, 1);
    ::setenv("COPYBRIDGE_TEST_SECRET", "open sesame", 1);
  }
  std::string options(const Service& service, const std::string& more) const {
    const std::string own(service.options);
    return "{" + own + (own.empty() ? "" : ", ") + "endpoint: '" + origin_ +
           std::string(service.path) + "', " + more + "}";
  }
  std::unique_ptr<Harness> make(const Service& service,
                                const std::string& more = "key: '${env:COPYBRIDGE_TEST_AZURE}'") {
    auto harness = std::make_unique<Harness>(*service.kind, options(service, more));
    EXPECT_EQ(harness->mistakes(), "");
    const Result<void> opened = harness->open();
    EXPECT_TRUE(opened) << opened.error().message;
    return harness;
  }
  void control(const std::string& json) const {
    const std::string command = "curl -sf -d '" + json + "' " + origin_ + "control > /dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  std::vector<std::string> taken() const { return lines_of(folder_.read("taken")); }
  Response send_one(const Service& service, const std::string& more) {
    return make(service, more)->publish_and_wait({events_.add("one")});
  }

  TestFolder folder_;
  testing_support::ChildProcess server_;
  std::string origin_;
  EventStore events_;
};

class AzureService : public Azure, public testing::WithParamInterface<Service> {};

TEST_P(AzureService, TakesWhatIsSignedWithItsKey) {
  auto harness = make(GetParam());
  const std::size_t count =
      std::min<std::size_t>(harness->publisher()->limits().events_per_request, 3);
  const Response response = harness->publish_and_wait(events_.add_many(count));
  EXPECT_THAT(response.outcomes, Each(Outcome::accepted)) << response.reason;
  ASSERT_THAT(taken(), SizeIs(count));
  EXPECT_THAT(taken()[0], HasSubstr("NUMBER"));
  EXPECT_THAT(taken()[0], HasSubstr("id-0"));
}

TEST_P(AzureService, WaitsWhereTheKeyIsWrong) {
  ::setenv("COPYBRIDGE_TEST_AZURE", "QUJDREVGR0hJSktM", 1);
  auto harness = make(GetParam());
  EXPECT_EQ(harness->publish_and_wait({events_.add("one")}).outcomes,
            std::vector{Outcome::refused});
  EXPECT_THAT(harness->everything_said(), Not(HasSubstr("QUJDREVGR0hJSktM")));
  // The key is put right: read again, it is taken.
  ::setenv("COPYBRIDGE_TEST_AZURE", kKey, 1);
  EXPECT_TRUE(harness->publisher()->renew_credentials().value_or(false));
  EXPECT_EQ(harness->publish_and_wait({events_.add("one")}).outcomes,
            std::vector{Outcome::accepted});
}

TEST_P(AzureService, TakesTokensOfEntra) {
  const Response response =
      send_one(GetParam(), "credentials: entra, tenant_id: t, client_id: bridge, authority: '" +
                               origin_ + "', client_secret: '${env:COPYBRIDGE_TEST_SECRET}'");
  EXPECT_EQ(response.outcomes, std::vector{Outcome::accepted}) << response.reason;
}

INSTANTIATE_TEST_SUITE_P(All, AzureService, testing::ValuesIn(kServices),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(Azure, TokensComeFromAWorkloadIdentityAndFromTheMachine) {
  folder_.write("token", "a.federated.token\n");
  ::setenv("AZURE_FEDERATED_TOKEN_FILE", (folder_.path() / "token").c_str(), 1);
  ::setenv("AZURE_TENANT_ID", "t", 1);
  ::setenv("AZURE_CLIENT_ID", "bridge", 1);
  EXPECT_EQ(send_one(kServices[0], "credentials: workload-identity, authority: '" + origin_ + "'")
                .outcomes,
            std::vector{Outcome::accepted});
  ::setenv("IDENTITY_ENDPOINT", (origin_ + "msi").c_str(), 1);
  ::setenv("IDENTITY_HEADER", "machine", 1);
  EXPECT_EQ(send_one(kServices[0], "credentials: managed-identity").outcomes,
            std::vector{Outcome::accepted});
  ::setenv("IDENTITY_HEADER", "another", 1);
  EXPECT_EQ(send_one(kServices[0], "credentials: managed-identity").outcomes,
            std::vector{Outcome::refused});
}

TEST_F(Azure, MessageOfServiceBusCarriesIdKeyAndAttributes) {
  const std::string id = "accounts/" + std::string(130, '7') + "/1/pay";
  make(kServices[0])->publish_and_wait({events_.add("pays/1/2/pay", "DE 4711")});
  EXPECT_THAT(taken().back(), HasSubstr(R"("MessageId": "pays/1/2/pay")"));
  EXPECT_THAT(taken().back(), HasSubstr(R"("PartitionKey": "DE 4711")"));
  EXPECT_THAT(taken().back(), HasSubstr(R"("cloudEvents:type": "com.example.account")"));
  make(kServices[0], "key: '${env:COPYBRIDGE_TEST_AZURE}', sessions: yes, format: cloudevents")
      ->publish_and_wait({events_.add(id, "DE 4711")});
  EXPECT_THAT(taken().back(), HasSubstr(R"("SessionId": "DE 4711")"));
  EXPECT_THAT(taken().back(), HasSubstr(R"("user": null)"));
}

TEST_F(Azure, PartitionKeyOfEventHubsStandsInTheRequest) {
  make(kServices[1])->publish_and_wait({events_.add("one", "k"), events_.add("two", "k")});
  EXPECT_THAT(taken(), SizeIs(2));
  EXPECT_THAT(taken().back(), HasSubstr(R"(\"PartitionKey\":\"k\")"));
}

TEST_F(Azure, ForbiddenMeansWhatTheAnswerSays) {
  auto harness = make(kServices[0]);
  const auto outcome_of = [&](const std::string& answer) {
    control(R"({"answer": )" + answer + "}");
    return harness->publish_and_wait({events_.add("one")}).outcomes.at(0);
  };
  EXPECT_EQ(outcome_of(R"([403, "<Detail>MessageSizeExceeded</Detail>", {}])"), Outcome::doubtful);
  EXPECT_EQ(outcome_of(R"([403, "The maximum entity size has been reached: Quota", {}])"),
            Outcome::throttled);
  EXPECT_EQ(outcome_of(R"([403, "no claim", {}])"), Outcome::refused);
  EXPECT_EQ(outcome_of(R"([500, "50009: server busy", {}])"), Outcome::throttled);
  EXPECT_EQ(outcome_of(R"([410, "", {}])"), Outcome::refused);
}

TEST_F(Azure, DocumentThatIsThereAlreadyIsAccepted) {
  const Service& cosmos = kServices.back();
  auto harness = make(cosmos);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(harness->publish_and_wait({events_.add("pays/1/2/pay", "k")}).outcomes,
              std::vector{Outcome::accepted});
  }
  EXPECT_THAT(taken(), SizeIs(1));
  EXPECT_THAT(taken().back(), HasSubstr(R"("partitionKey": "k")"));
  control(R"({"answer": [429, "", {"x-ms-retry-after-ms": "1234.5"}]})");
  const Response response = harness->publish_and_wait({events_.add("other", "k")});
  EXPECT_EQ(response.outcomes, std::vector{Outcome::throttled});
  EXPECT_EQ(response.retry_after, Milliseconds(1234));
}

TEST_F(Azure, SizeOfAMessageIsThatOfItsForm) {
  const Event* event = events_.add_body("one", std::string(300, '"'));
  // Every quotation mark is escaped in the request of Service Bus.
  EXPECT_GT(make(kServices[0])->publisher()->size_of(*event), 1000U);
  EXPECT_GT(make(kServices[5])->publisher()->size_of(*event), 400U);
}

TEST_F(Azure, TriggersTakeTheirKeys) {
  ::setenv("COPYBRIDGE_TEST_HEADER", "a key of the portal", 1);
  ::setenv("COPYBRIDGE_TEST_URL", (origin_ + "grid/api/events?api-version=2018-01-01").c_str(), 1);
  testing_support::ChildProcess web({"python3",
                                     support::source_path("tests/support/http_server.py"), "--log",
                                     (folder_.path() / "requests").string()});
  const std::string url = "http://127.0.0.1:" + std::to_string(web.read_port());
  const auto send = [&](const PublisherKind& kind, const std::string& options) {
    Harness harness(kind, "{" + options + "}");
    EXPECT_EQ(harness.mistakes(), "");
    EXPECT_TRUE(harness.open());
    return harness.publish_and_wait({events_.add("one")});
  };
  const std::string keyed = "url: '" + url + "/api/in', key: '${env:COPYBRIDGE_TEST_HEADER}'";
  EXPECT_EQ(send(kAzureFunctionPublisher, keyed).outcomes, std::vector{Outcome::accepted});
  EXPECT_THAT(folder_.read("requests"), HasSubstr(R"("x-functions-key": "a key of the portal")"));
  EXPECT_EQ(send(kAzureApiManagementPublisher, keyed).outcomes, std::vector{Outcome::accepted});
  EXPECT_THAT(folder_.read("requests"),
              HasSubstr(R"("ocp-apim-subscription-key": "a key of the portal")"));
  ::setenv("COPYBRIDGE_TEST_URL", (url + "/status/401?sig=hidden").c_str(), 1);
  const Response refused = send(kAzureLogicAppPublisher, "url: '${env:COPYBRIDGE_TEST_URL}'");
  EXPECT_EQ(refused.outcomes, std::vector{Outcome::refused});
  EXPECT_THAT(refused.reason, Not(HasSubstr("hidden")));
}

TEST(AzureOptions, MistakesAreSaid) {
  const auto mistakes = [](const PublisherKind& kind, const std::string& options) {
    return Harness(kind, "{" + options + "}").mistakes();
  };
  EXPECT_THAT(mistakes(kAzureServiceBusPublisher, "namespace: n, entity: e"),
              HasSubstr("'credentials: key' needs 'key'"));
  EXPECT_THAT(mistakes(kAzureServiceBusPublisher, "namespace: n, entity: e, credentials: entra"),
              HasSubstr("needs 'client_secret'"));
  EXPECT_THAT(mistakes(kAzureEventGridPublisher, "endpoint: 'http://far.example', key: '${env:A}'"),
              HasSubstr("in the clear"));
}

TEST(AzureOptions, KeyThatIsNoBase64IsAConfigurationError) {
  ::setenv("COPYBRIDGE_TEST_AZURE", "no base64!", 1);
  Harness harness(kAzureQueuePublisher,
                  "{account: a, queue: q, key: '${env:COPYBRIDGE_TEST_AZURE}'}");
  const Result<void> opened = harness.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config);
  EXPECT_THAT(opened.error().message, Not(HasSubstr("base64!")));
}

}  // namespace
}  // namespace copybridge::publishers
