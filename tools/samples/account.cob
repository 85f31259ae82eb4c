      * Writes the account master of mappings/account: reads lines of
      * values, moves them into the record, writes the record. Beside
      * every record it writes a map of the record: B for the bytes of
      * COMP and COMP-3 items, T for text; make_samples.py translates
      * the text to EBCDIC by it.
       IDENTIFICATION DIVISION.
       PROGRAM-ID. ACCOUNT.
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
           05  V-ID                    PIC 9(10).
           05  V-STATUS                PIC X(01).
           05  V-PRODUCT               PIC X(04).
           05  V-BRANCH                PIC 9(04).
           05  V-FIRST-NAME            PIC X(15).
           05  V-LAST-NAME             PIC X(20).
           05  V-SSN                   PIC 9(09).
           05  V-CURRENCY              PIC X(03).
           05  V-BALANCE               PIC S9(09)V99
                                       SIGN LEADING SEPARATE.
           05  V-CREDIT-LIMIT          PIC S9(09)V99
                                       SIGN LEADING SEPARATE.
           05  V-OVERDRAFT             PIC S9(07)V99
                                       SIGN LEADING SEPARATE.
           05  V-INTEREST-RATE         PIC S9(03)V9(04)
                                       SIGN LEADING SEPARATE.
           05  V-OPEN-DATE             PIC 9(08).
           05  V-CLOSE-DATE            PIC 9(08).
           05  V-STATEMENT-DATE        PIC X(08).
           05  V-LAST-MOVEMENT         PIC 9(05).
           05  V-MOVEMENT-COUNT        PIC S9(04)
                                       SIGN LEADING SEPARATE.
           05  V-STATEMENT-NO          PIC S9(09)
                                       SIGN LEADING SEPARATE.
           05  V-LAST-ENTRY-NO         PIC S9(18)
                                       SIGN LEADING SEPARATE.
           05  V-MONTH                 OCCURS 3 TIMES.
               10  V-MONTH-ID          PIC 9(06).
               10  V-MONTH-BALANCE     PIC S9(09)V99
                                       SIGN LEADING SEPARATE.
       FD  RECORD-FILE.
       01  RECORD-OUT                  PIC X(200).
       FD  MAP-FILE.
       01  MAP-OUT                     PIC X(200).
       WORKING-STORAGE SECTION.
       COPY ACCOUNT.
       01  MONTH-NO                    PIC 9(02) COMP.
       01  END-OF-VALUES               PIC X(01) VALUE 'N'.
       PROCEDURE DIVISION.
       MAIN-LINE.
           OPEN INPUT VALUE-FILE OUTPUT RECORD-FILE MAP-FILE
           PERFORM READ-VALUES
           PERFORM UNTIL END-OF-VALUES = 'Y'
               PERFORM BUILD-RECORD
               WRITE RECORD-OUT FROM ACCOUNT-RECORD
               PERFORM BUILD-MAP
               WRITE MAP-OUT FROM ACCOUNT-RECORD
               PERFORM READ-VALUES
           END-PERFORM
           CLOSE VALUE-FILE RECORD-FILE MAP-FILE
           STOP RUN.
       READ-VALUES.
           READ VALUE-FILE AT END MOVE 'Y' TO END-OF-VALUES END-READ.
       BUILD-RECORD.
           MOVE SPACES             TO ACCOUNT-RECORD
           MOVE 'A'                TO ACCT-REC-TYPE
           MOVE V-ID               TO ACCT-ID
           MOVE V-STATUS           TO ACCT-STATUS
           MOVE V-PRODUCT          TO ACCT-PRODUCT
           MOVE V-BRANCH           TO ACCT-BRANCH
           MOVE V-FIRST-NAME       TO ACCT-FIRST-NAME
           MOVE V-LAST-NAME        TO ACCT-LAST-NAME
           MOVE V-SSN              TO ACCT-SSN
           MOVE V-CURRENCY         TO ACCT-CURRENCY
           MOVE V-BALANCE          TO ACCT-BALANCE
           MOVE V-CREDIT-LIMIT     TO ACCT-CREDIT-LIMIT
           MOVE V-OVERDRAFT        TO ACCT-OVERDRAFT
           MOVE V-INTEREST-RATE    TO ACCT-INTEREST-RATE
           MOVE V-OPEN-DATE        TO ACCT-OPEN-DATE
           MOVE V-CLOSE-DATE       TO ACCT-CLOSE-DATE
           EVALUATE V-STATEMENT-DATE
               WHEN "LOW"  MOVE LOW-VALUES  TO ACCT-STATEMENT-DATE
               WHEN "HIGH" MOVE HIGH-VALUES TO ACCT-STATEMENT-DATE
               WHEN OTHER
                   MOVE V-STATEMENT-DATE TO ACCT-STATEMENT-DATE
           END-EVALUATE
           MOVE V-LAST-MOVEMENT    TO ACCT-LAST-MOVEMENT
           MOVE V-MOVEMENT-COUNT   TO ACCT-MOVEMENT-COUNT
           MOVE V-STATEMENT-NO     TO ACCT-STATEMENT-NO
           MOVE V-LAST-ENTRY-NO    TO ACCT-LAST-ENTRY-NO
           PERFORM VARYING MONTH-NO FROM 1 BY 1 UNTIL MONTH-NO > 3
               MOVE V-MONTH-ID (MONTH-NO)
                 TO ACCT-MONTH-ID (MONTH-NO)
               MOVE V-MONTH-BALANCE (MONTH-NO)
                 TO ACCT-MONTH-BALANCE (MONTH-NO)
           END-PERFORM.
       BUILD-MAP.
           MOVE ALL "T" TO ACCOUNT-RECORD
           MOVE ALL "B" TO ACCT-BALANCE (1:)
           MOVE ALL "B" TO ACCT-CREDIT-LIMIT (1:)
           MOVE ALL "B" TO ACCT-LAST-MOVEMENT (1:)
           MOVE ALL "B" TO ACCT-MOVEMENT-COUNT (1:)
           MOVE ALL "B" TO ACCT-STATEMENT-NO (1:)
           MOVE ALL "B" TO ACCT-LAST-ENTRY-NO (1:)
           PERFORM VARYING MONTH-NO FROM 1 BY 1 UNTIL MONTH-NO > 3
               MOVE ALL "B" TO ACCT-MONTH-BALANCE (MONTH-NO) (1:)
           END-PERFORM.
