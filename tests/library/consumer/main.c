/* Every function of the C interface. */
#include <copybridge_codec.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  const char* copybook = "       01  R.\n           05  ID PIC 9(2).\n           05  T PIC X.\n";
  const uint8_t records[] = {0xF0, 0xF1, 0xC1, 0xF0, 0x40, 0xC2, 0xF0, 0xF3, 0xC3, 0xF0};
  char* mistakes = NULL;
  char buffer[64];
  size_t size = 0;
  size_t consumed = 0;
  uint64_t number = 0;
  copybridge_codec* codec =
      copybridge_compile(copybook, strlen(copybook), "recfm: Q", 8, &mistakes);
  printf("%d %s", codec == NULL, mistakes);
  copybridge_free_text(mistakes);
  codec = copybridge_compile(copybook, strlen(copybook), "", 0, NULL);
  printf("version %s\n", copybridge_version());

  int status = copybridge_decode_record(codec, records, 3, buffer, sizeof buffer, &size);
  printf("%d %s %d\n", status, buffer, (int)size);
  status = copybridge_decode_record(codec, records, 3, buffer, size, &size);
  printf("%d %d\n", status, (int)size);
  status = copybridge_decode_record(codec, records, 2, buffer, sizeof buffer, &size);
  printf("%d %s\n", status, status == COPYBRIDGE_BAD_RECORD ? "bad" : "");

  copybridge_decoder* decoder = copybridge_decoder_new(codec);
  status = copybridge_decode(decoder, records, sizeof records, 1, &consumed);
  printf("%d %d\n%s", status, (int)consumed, copybridge_json_lines(decoder, &size));
  printf("%d records, %d errors\n", (int)copybridge_record_count(decoder),
         (int)copybridge_error_count(decoder));
  const char* message = copybridge_error(decoder, 0, &number);
  printf("record %d: %s\n", (int)number, message);
  printf("%s\n", copybridge_framing_error(decoder));
  copybridge_decoder_free(decoder);

  copybridge_encoder* encoder = copybridge_encoder_new(codec, &mistakes);
  const char* lines = "{\"ID\":1,\"T\":\"A\"}\n{\"ID\":123,\"T\":\"A\"}\n";
  status = copybridge_encode(encoder, lines, strlen(lines), 1, &consumed);
  const uint8_t* bytes = copybridge_records(encoder, &size);
  printf("%d %d %d %d\n", status, (int)consumed, (int)size, memcmp(bytes, records, 3));
  printf("%d record, %d error\n", (int)copybridge_encoded_count(encoder),
         (int)copybridge_line_error_count(encoder));
  message = copybridge_line_error(encoder, 0, &number);
  printf("line %d: %s\n", (int)number, message);
  lines = "{\"ID\":3,\"T\":\"C\"}";
  status = copybridge_encode_record(encoder, lines, strlen(lines));
  bytes = copybridge_records(encoder, &size);
  printf("%d %d %d\n", status, (int)size, memcmp(bytes, records + 6, 3));
  status = copybridge_encode_record(encoder, "{}", 2);
  printf("%d %s\n", status, copybridge_line_error(encoder, 0, NULL));
  copybridge_encoder_free(encoder);
  copybridge_free(codec);
  return 0;
}
