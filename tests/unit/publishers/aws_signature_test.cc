// Version 4 signatures: golden vectors, and libcurl's own signer where it is right.
#include <curl/curl.h>
#include <gmock/gmock.h>

#include <iomanip>
#include <memory>
#include <sstream>

#include "bridge/publishers/aws/signature.h"
#include "tests/support/child_process.h"
#include "tests/support/paths.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using testing::HasSubstr;

constexpr const char* kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

std::string authorization(http::Call call, const aws::Scope& scope, int year, unsigned month,
                          unsigned day, const std::string& token = "") {
  const WallTime time = std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) /
                                              static_cast<int>(day));
  aws::sign(call, {.id = "AKIDEXAMPLE", .secret = kSecret, .session_token = token}, scope, time);
  return call.headers.back();
}

TEST(AwsSignature, IsThatOfTheGoldenVector) {
  http::Call call;
  call.url = "https://sqs.us-east-1.amazonaws.com/";
  call.headers = {"Content-Type: application/x-amz-json-1.0",
                  "X-Amz-Target: AmazonSQS.SendMessageBatch"};
  call.body = R"({"a":1})";
  EXPECT_EQ(authorization(call, {"us-east-1", "sqs"}, 2026, 1, 1),
            "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/sqs/"
            "aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature="
            "2e016bafce97350418bc6def5968836829872f746902dc00981b774fa3546a75");
}

TEST(AwsSignature, SortsTheQueryAndCoversTheSessionToken) {
  http::Call one;
  one.url = "https://b.s3.eu-central-1.amazonaws.com/dt%3D2026?uploads&partNumber=1";
  http::Call other = one;
  other.url = "https://b.s3.eu-central-1.amazonaws.com:443/dt%3D2026?partNumber=1&uploads=";
  const aws::Scope scope{"eu-central-1", "s3"};
  EXPECT_EQ(authorization(one, scope, 2026, 1, 1), authorization(other, scope, 2026, 1, 1));
  EXPECT_THAT(authorization(one, scope, 2026, 1, 1, "token"),
              HasSubstr("host;x-amz-content-sha256;x-amz-date;x-amz-security-token"));
}

/// Both signatures are those of AWS's own signer for MSK in Python (aws-msk-iam-sasl-signer 1.0.2).
TEST(AwsSignature, InAUrlIsThatOfTheGoldenVectors) {
  const WallTime time = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
  const std::string url =
      "https://kafka.eu-central-1.amazonaws.com/?Action=kafka-cluster%3AConnect";
  const auto signed_url = [&](const std::string& token) {
    return aws::presigned(url, {.id = "AKIDEXAMPLE", .secret = kSecret, .session_token = token},
                          {"eu-central-1", "kafka-cluster"}, std::chrono::seconds(900), time);
  };
  const std::string start = url +
                            "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F"
                            "20260101%2Feu-central-1%2Fkafka-cluster%2Faws4_request&X-Amz-Date="
                            "20260101T000000Z&X-Amz-Expires=900";
  EXPECT_EQ(signed_url(""), start +
                                "&X-Amz-SignedHeaders=host&X-Amz-Signature="
                                "42f794d62c0c10d20b5bc9075f7af80c2b7c3fc23d4fd90babfc70162694c110");
  EXPECT_EQ(signed_url("token/with+signs=="),
            start +
                "&X-Amz-Security-Token=token%2Fwith%2Bsigns%3D%3D&X-Amz-SignedHeaders=host"
                "&X-Amz-Signature="
                "5ead7b48253179259b586b35f33a13231c1dd799f0f2a5e28efaf30a493961cb");
}

/// A request that libcurl signs correctly: to `/`, or with the query sorted, the path encoded.
struct CurlRow {
  const char* name;
  const char* service;
  const char* path;
  const char* content_type;
  const char* target;  ///< X-Amz-Target; empty: none
  const char* body;
  const char* session_token = "";
};

class SignedByCurl : public testing::TestWithParam<CurlRow> {
 protected:
  SignedByCurl()
      : server_({"python3", support::source_path("tests/support/http_server.py"), "--log",
                 (folder_.path() / "requests").string()}) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    call_.url = "http://127.0.0.1:" + std::to_string(server_.read_port()) + GetParam().path;
    call_.body = GetParam().body;
    call_.headers.push_back(std::string("Content-Type: ") + GetParam().content_type);
    if (*GetParam().target != '\0') {
      call_.headers.push_back(std::string("X-Amz-Target: ") + GetParam().target);
    }
  }
  /// What libcurl sends: its time and its signature.
  void send() {
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(),
                                                                   curl_easy_cleanup);
    curl_slist* list = nullptr;
    for (const std::string& line : call_.headers) list = curl_slist_append(list, line.c_str());
    const std::string token = std::string("X-Amz-Security-Token: ") + GetParam().session_token;
    if (*GetParam().session_token != '\0') list = curl_slist_append(list, token.c_str());
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(list,
                                                                              curl_slist_free_all);
    const std::string provider = std::string("aws:amz:eu-central-1:") + GetParam().service;
    curl_easy_setopt(easy.get(), CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy.get(), CURLOPT_AWS_SIGV4, provider.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_USERNAME, "AKIDEXAMPLE");
    curl_easy_setopt(easy.get(), CURLOPT_PASSWORD, kSecret);
    curl_easy_setopt(easy.get(), CURLOPT_URL, call_.url.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, call_.body.c_str());
    ASSERT_EQ(curl_easy_perform(easy.get()), CURLE_OK);
  }
  std::string sent(const std::string& header) const {
    const std::string log = folder_.read("requests");
    const std::string start = "\"" + header + "\": \"";
    const std::size_t at = log.find(start);
    if (at == std::string::npos) return {};
    return log.substr(at + start.size(), log.find('"', at + start.size()) - at - start.size());
  }

  TestFolder folder_;
  testing_support::ChildProcess server_;
  http::Call call_;
};

TEST_P(SignedByCurl, IsSignedAlike) {
  send();
  std::tm date{};
  std::istringstream(sent("x-amz-date")) >> std::get_time(&date, "%Y%m%dT%H%M%SZ");
  const WallTime time = std::chrono::system_clock::from_time_t(::timegm(&date));
  aws::sign(call_,
            {.id = "AKIDEXAMPLE", .secret = kSecret, .session_token = GetParam().session_token},
            {"eu-central-1", GetParam().service}, time);
  EXPECT_EQ(call_.headers.back(), "Authorization: " + sent("authorization"));
}

INSTANTIATE_TEST_SUITE_P(
    Table, SignedByCurl,
    testing::Values(
        CurlRow{"sqs", "sqs", "/", "application/x-amz-json-1.0", "AmazonSQS.SendMessageBatch",
                R"({"QueueUrl":"q","Entries":[{"Id":"0","MessageBody":"\u00e4 + & ="}]})"},
        CurlRow{"kinesis", "kinesis", "/", "application/x-amz-json-1.1",
                "Kinesis_20131202.PutRecords", R"({"StreamName":"s","Records":[]})"},
        CurlRow{"eventbridge", "events", "/", "application/x-amz-json-1.1", "AWSEvents.PutEvents",
                R"({"Entries":[]})", "token/with+signs=="},
        CurlRow{"sns", "sns", "/", "application/x-www-form-urlencoded", "",
                "Action=PublishBatch&Version=2010-03-31&TopicArn=arn%3Aaws"},
        CurlRow{"sts", "sts", "/", "application/x-www-form-urlencoded", "",
                "Action=AssumeRole&Version=2011-06-15", "FwoGZXIvYXdzEXAMPLE"},
        CurlRow{"sorted_query", "sqs", "/a/b?Action=Send&Version=1", "text/plain", "", ""}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace copybridge::publishers
