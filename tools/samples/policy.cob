      * Writes the policy file of mappings/policy: reads lines of
      * values, moves them into one of three records, writes it as a
      * record of variable length. Beside every record it writes a map
      * of the record: B for the bytes of COMP and COMP-3 items, T for
      * text; make_samples.py translates the text to EBCDIC by it.
       IDENTIFICATION DIVISION.
       PROGRAM-ID. POLICY.
       ENVIRONMENT DIVISION.
       INPUT-OUTPUT SECTION.
       FILE-CONTROL.
           SELECT VALUE-FILE ASSIGN TO "VALUES"
               ORGANIZATION IS LINE SEQUENTIAL.
           SELECT RECORD-FILE ASSIGN TO "RECORDS"
               ORGANIZATION IS SEQUENTIAL.
           SELECT MAP-FILE ASSIGN TO "MAPS"
               ORGANIZATION IS SEQUENTIAL.
       DATA DIVISION.
       FILE SECTION.
       FD  VALUE-FILE.
       01  VALUE-LINE.
           05  V-POLICY-NUMBER         PIC X(10).
           05  V-RECORD-TYPE           PIC X(02).
           05  V-SEQUENCE-NO           PIC 9(04).
           05  V-REST                  PIC X(520).
           05  V-HEADER REDEFINES V-REST.
               10  VH-LINE-OF-BUSINESS PIC X(03).
               10  VH-STATUS           PIC X(01).
               10  VH-HOLDER-NAME      PIC X(30).
               10  VH-BIRTH-DATE       PIC 9(07).
               10  VH-INCEPTION-DATE   PIC X(10).
               10  VH-EXPIRY-DATE      PIC X(10).
               10  VH-ANNUAL-PREMIUM   PIC S9(09)V99
                                       SIGN LEADING SEPARATE.
               10  VH-SUM-INSURED      PIC S9(13)V99
                                       SIGN LEADING SEPARATE.
               10  VH-DISCOUNT         PIC SV9(03)
                                       SIGN LEADING SEPARATE.
               10  VH-AGENT-NO         PIC 9(06).
           05  V-COVERAGE REDEFINES V-REST.
               10  VC-COVERAGE-CODE    PIC X(04).
               10  VC-KIND             PIC X(01).
               10  VC-PREMIUM          PIC S9(07)V99
                                       SIGN LEADING SEPARATE.
               10  VC-DEDUCTIBLE       PIC 9(05).
               10  VC-RISK             PIC X(60).
               10  VC-VEHICLE REDEFINES VC-RISK.
                   15  VC-LICENCE-PLATE    PIC X(10).
                   15  VC-MAKE             PIC X(20).
                   15  VC-FIRST-REGISTERED PIC 9(08).
                   15  VC-POWER-KW         PIC 9(04).
               10  VC-BUILDING REDEFINES VC-RISK.
                   15  VC-STREET           PIC X(25).
                   15  VC-POSTAL-CODE      PIC X(06).
                   15  VC-YEAR-BUILT       PIC 9(04).
                   15  VC-FLOOR-AREA       PIC S9(06)V9
                                           SIGN LEADING SEPARATE.
                   15  VC-STOREYS          PIC 9(01).
               10  VC-LIFE REDEFINES VC-RISK.
                   15  VC-INSURED-NAME     PIC X(25).
                   15  VC-SUM-AT-DEATH     PIC S9(11)V99
                                           SIGN LEADING SEPARATE.
                   15  VC-IS-SMOKER        PIC X(01).
                   15  VC-ENTRY-AGE        PIC 9(03).
           05  V-CLAIM REDEFINES V-REST.
               10  VL-CLAIM-NUMBER     PIC X(12).
               10  VL-LOSS-DATE        PIC 9(05).
               10  VL-REPORTED-AT      PIC X(26).
               10  VL-CAUSE            PIC X(20).
               10  VL-RESERVE          PIC S9(09)V99
                                       SIGN LEADING SEPARATE.
               10  VL-PAYMENT-COUNT    PIC 9(02).
               10  VL-PAYMENT          OCCURS 12 TIMES.
                   15  VL-PAID-ON      PIC 9(08).
                   15  VL-PAID-AMOUNT  PIC S9(09)V99
                                       SIGN LEADING SEPARATE.
                   15  VL-PAID-TO      PIC X(16).
       FD  RECORD-FILE RECORD IS VARYING IN SIZE FROM 1 TO 498
               CHARACTERS DEPENDING ON RECORD-LENGTH.
       01  RECORD-OUT                  PIC X(498).
       FD  MAP-FILE RECORD IS VARYING IN SIZE FROM 1 TO 498
               CHARACTERS DEPENDING ON RECORD-LENGTH.
       01  MAP-OUT                     PIC X(498).
       WORKING-STORAGE SECTION.
       COPY POLICY.
       01  RECORD-LENGTH               PIC 9(04) COMP.
       01  PAYMENT-NO                  PIC 9(02) COMP.
       01  PAYMENTS                    PIC 9(02) COMP.
       01  END-OF-VALUES               PIC X(01) VALUE 'N'.
       PROCEDURE DIVISION.
       MAIN-LINE.
           OPEN INPUT VALUE-FILE OUTPUT RECORD-FILE MAP-FILE
           PERFORM READ-VALUES
           PERFORM UNTIL END-OF-VALUES = 'Y'
               EVALUATE V-RECORD-TYPE
                   WHEN "10" PERFORM WRITE-HEADER
                   WHEN "20" PERFORM WRITE-COVERAGE
                   WHEN "30" PERFORM WRITE-CLAIM
               END-EVALUATE
               PERFORM READ-VALUES
           END-PERFORM
           CLOSE VALUE-FILE RECORD-FILE MAP-FILE
           STOP RUN.
       READ-VALUES.
           READ VALUE-FILE AT END MOVE 'Y' TO END-OF-VALUES END-READ.

       WRITE-HEADER.
           PERFORM BUILD-HEADER
           MOVE LENGTH OF POLICY-HEADER TO RECORD-LENGTH
           WRITE RECORD-OUT FROM POLICY-HEADER
           PERFORM BUILD-HEADER-MAP
           WRITE MAP-OUT FROM POLICY-HEADER.
       BUILD-HEADER.
           MOVE SPACES              TO POLICY-HEADER
           MOVE V-POLICY-NUMBER     TO PH-POLICY-NUMBER
           MOVE V-RECORD-TYPE       TO PH-RECORD-TYPE
           MOVE V-SEQUENCE-NO       TO PH-SEQUENCE-NO
           MOVE VH-LINE-OF-BUSINESS TO PH-LINE-OF-BUSINESS
           MOVE VH-STATUS           TO PH-STATUS
           MOVE VH-HOLDER-NAME      TO PH-HOLDER-NAME
           MOVE VH-BIRTH-DATE       TO PH-BIRTH-DATE
           MOVE VH-INCEPTION-DATE   TO PH-INCEPTION-DATE
           MOVE VH-EXPIRY-DATE      TO PH-EXPIRY-DATE
           MOVE VH-ANNUAL-PREMIUM   TO PH-ANNUAL-PREMIUM
           MOVE VH-SUM-INSURED      TO PH-SUM-INSURED
           MOVE VH-DISCOUNT         TO PH-DISCOUNT
           MOVE VH-AGENT-NO         TO PH-AGENT-NO.
       BUILD-HEADER-MAP.
           MOVE ALL "T" TO POLICY-HEADER
           MOVE ALL "B" TO PH-BIRTH-DATE (1:)
           MOVE ALL "B" TO PH-ANNUAL-PREMIUM (1:)
           MOVE ALL "B" TO PH-SUM-INSURED (1:)
           MOVE ALL "B" TO PH-DISCOUNT (1:).

       WRITE-COVERAGE.
           PERFORM BUILD-COVERAGE
           MOVE LENGTH OF POLICY-COVERAGE TO RECORD-LENGTH
           WRITE RECORD-OUT FROM POLICY-COVERAGE
           PERFORM BUILD-COVERAGE-MAP
           WRITE MAP-OUT FROM POLICY-COVERAGE.
       BUILD-COVERAGE.
           MOVE SPACES              TO POLICY-COVERAGE
           MOVE V-POLICY-NUMBER     TO PC-POLICY-NUMBER
           MOVE V-RECORD-TYPE       TO PC-RECORD-TYPE
           MOVE V-SEQUENCE-NO       TO PC-SEQUENCE-NO
           MOVE VC-COVERAGE-CODE    TO PC-COVERAGE-CODE
           MOVE VC-KIND             TO PC-KIND
           MOVE VC-PREMIUM          TO PC-PREMIUM
           MOVE VC-DEDUCTIBLE       TO PC-DEDUCTIBLE
           EVALUATE TRUE
               WHEN PC-IS-VEHICLE   PERFORM BUILD-VEHICLE
               WHEN PC-IS-BUILDING  PERFORM BUILD-BUILDING
               WHEN PC-IS-LIFE      PERFORM BUILD-LIFE
           END-EVALUATE.
       BUILD-VEHICLE.
           MOVE VC-LICENCE-PLATE    TO PC-LICENCE-PLATE
           MOVE VC-MAKE             TO PC-MAKE
           MOVE VC-FIRST-REGISTERED TO PC-FIRST-REGISTERED
           MOVE VC-POWER-KW         TO PC-POWER-KW.
       BUILD-BUILDING.
           MOVE VC-STREET           TO PC-STREET
           MOVE VC-POSTAL-CODE      TO PC-POSTAL-CODE
           MOVE VC-YEAR-BUILT       TO PC-YEAR-BUILT
           MOVE VC-FLOOR-AREA       TO PC-FLOOR-AREA
           MOVE VC-STOREYS          TO PC-STOREYS.
       BUILD-LIFE.
           MOVE VC-INSURED-NAME     TO PC-INSURED-NAME
           MOVE VC-SUM-AT-DEATH     TO PC-SUM-AT-DEATH
           MOVE VC-IS-SMOKER        TO PC-IS-SMOKER
           MOVE VC-ENTRY-AGE        TO PC-ENTRY-AGE.
       BUILD-COVERAGE-MAP.
           MOVE ALL "T" TO POLICY-COVERAGE
           MOVE ALL "B" TO PC-PREMIUM (1:)
           MOVE ALL "B" TO PC-DEDUCTIBLE (1:)
           EVALUATE VC-KIND
               WHEN "V"
                   MOVE ALL "B" TO PC-POWER-KW (1:)
               WHEN "B"
                   MOVE ALL "B" TO PC-FLOOR-AREA (1:)
               WHEN "L"
                   MOVE ALL "B" TO PC-SUM-AT-DEATH (1:)
           END-EVALUATE.

      * The counter says how long the record is, so its bytes are
      * marked last.
       WRITE-CLAIM.
           MOVE VL-PAYMENT-COUNT    TO PAYMENTS
           PERFORM BUILD-CLAIM
           MOVE FUNCTION LENGTH (POLICY-CLAIM) TO RECORD-LENGTH
           WRITE RECORD-OUT FROM POLICY-CLAIM
           PERFORM BUILD-CLAIM-MAP
           WRITE MAP-OUT FROM POLICY-CLAIM.
       BUILD-CLAIM.
           MOVE PAYMENTS            TO PL-PAYMENT-COUNT
           MOVE V-POLICY-NUMBER     TO PL-POLICY-NUMBER
           MOVE V-RECORD-TYPE       TO PL-RECORD-TYPE
           MOVE V-SEQUENCE-NO       TO PL-SEQUENCE-NO
           MOVE VL-CLAIM-NUMBER     TO PL-CLAIM-NUMBER
           MOVE VL-LOSS-DATE        TO PL-LOSS-DATE
           MOVE VL-REPORTED-AT      TO PL-REPORTED-AT
           MOVE VL-CAUSE            TO PL-CAUSE
           MOVE VL-RESERVE          TO PL-RESERVE
           PERFORM VARYING PAYMENT-NO FROM 1 BY 1
                   UNTIL PAYMENT-NO > PAYMENTS
               MOVE VL-PAID-ON (PAYMENT-NO)
                 TO PL-PAID-ON (PAYMENT-NO)
               MOVE VL-PAID-AMOUNT (PAYMENT-NO)
                 TO PL-PAID-AMOUNT (PAYMENT-NO)
               MOVE VL-PAID-TO (PAYMENT-NO)
                 TO PL-PAID-TO (PAYMENT-NO)
           END-PERFORM.
       BUILD-CLAIM-MAP.
           MOVE ALL "T" TO POLICY-CLAIM
           MOVE ALL "B" TO PL-LOSS-DATE (1:)
           PERFORM VARYING PAYMENT-NO FROM 1 BY 1
                   UNTIL PAYMENT-NO > PAYMENTS
               MOVE ALL "B" TO PL-PAID-AMOUNT (PAYMENT-NO) (1:)
           END-PERFORM
           MOVE ALL "B" TO PL-PAYMENT-COUNT (1:).
