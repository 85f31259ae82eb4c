// The double of AWS's messaging services as endpoint of their publishers.
#include <cstdlib>

#include "tests/conformance/components/rig.h"
#include "tests/support/child_process.h"
#include "tests/support/paths.h"

namespace copybridge::publishers {
namespace {

class AwsRig final : public Rig {
 public:
  explicit AwsRig(std::string more)
      : more_(std::move(more)),
        server_({"python3", support::source_path("tests/support/aws_double.py"), "--log",
                 (folder_.path() / "taken").string()}),
        port_(server_.read_port()) {
    ::setenv("COPYBRIDGE_TEST_AWS", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 1);
  }
  std::string options() const override { return options_of(port_); }
  std::string options_when_away() const override { return options_of(1); }
  std::size_t received() override { return lines(); }

 private:
  std::string options_of(int port) const {
    return "{" + more_ + ", endpoint: 'http://127.0.0.1:" + std::to_string(port) +
           "/', region: eu-central-1, access_key_id: AKIDEXAMPLE, "
           "secret_access_key: '${env:COPYBRIDGE_TEST_AWS}'}";
  }

  std::string more_;
  testing_support::ChildProcess server_;
  int port_;
};

const RigRow kRigs[] = {
    {"aws-sqs", "aws_sqs",
     []() -> std::unique_ptr<Rig> {
       return std::make_unique<AwsRig>("queue_url: 'https://sqs.eu-central-1.amazonaws.com/1/a'");
     }},
    {"aws-sns", "aws_sns",
     []() -> std::unique_ptr<Rig> {
       return std::make_unique<AwsRig>("topic_arn: 'arn:aws:sns:eu-central-1:1:a'");
     }},
    {"aws-kinesis", "aws_kinesis",
     []() -> std::unique_ptr<Rig> { return std::make_unique<AwsRig>("stream: a"); }},
    {"aws-eventbridge", "aws_eventbridge",
     []() -> std::unique_ptr<Rig> { return std::make_unique<AwsRig>("bus: a"); }}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers
