      *----------------------------------------------------------------*
      * POLICY FILE                         RECFM=VB LRECL=502         *
      * Per policy one header (10), its coverages (20), its claims     *
      * (30). The record type in the key tells them apart.             *
      *----------------------------------------------------------------*
       01  POLICY-HEADER.
           COPY POLKEY REPLACING ==:TAG:== BY ==PH==.
           05  PH-LINE-OF-BUSINESS         PIC X(03).
           05  PH-STATUS                   PIC X(01).
               88  PH-IN-FORCE                 VALUE 'I'.
               88  PH-LAPSED                   VALUE 'L'.
               88  PH-CANCELLED                VALUE 'C'.
           05  PH-HOLDER-NAME              PIC X(30).
           05  PH-BIRTH-DATE               PIC 9(07) COMP-3.
           05  PH-INCEPTION-DATE           PIC X(10).
           05  PH-EXPIRY-DATE              PIC X(10).
           05  PH-ANNUAL-PREMIUM           PIC S9(09)V99 COMP-3.
           05  PH-SUM-INSURED              PIC S9(13)V99 COMP-3.
           05  PH-DISCOUNT                 PIC SV9(03) COMP-3.
           05  PH-AGENT-NO                 PIC 9(06).
      *
       01  POLICY-COVERAGE.
           COPY POLKEY REPLACING ==:TAG:== BY ==PC==.
           05  PC-COVERAGE-CODE            PIC X(04).
           05  PC-KIND                     PIC X(01).
               88  PC-IS-VEHICLE               VALUE 'V'.
               88  PC-IS-BUILDING              VALUE 'B'.
               88  PC-IS-LIFE                  VALUE 'L'.
           05  PC-PREMIUM                  PIC S9(07)V99 COMP-3.
           05  PC-DEDUCTIBLE               PIC 9(05) COMP.
           05  PC-RISK                     PIC X(40).
           05  PC-VEHICLE REDEFINES PC-RISK.
               10  PC-LICENCE-PLATE        PIC X(10).
               10  PC-MAKE                 PIC X(20).
               10  PC-FIRST-REGISTERED     PIC 9(08).
               10  PC-POWER-KW             PIC 9(04) COMP.
           05  PC-BUILDING REDEFINES PC-RISK.
               10  PC-STREET               PIC X(25).
               10  PC-POSTAL-CODE          PIC X(06).
               10  PC-YEAR-BUILT           PIC 9(04).
               10  PC-FLOOR-AREA           PIC S9(06)V9 COMP-3.
               10  PC-STOREYS              PIC 9(01).
           05  PC-LIFE REDEFINES PC-RISK.
               10  PC-INSURED-NAME         PIC X(25).
               10  PC-SUM-AT-DEATH         PIC S9(11)V99 COMP-3.
               10  PC-IS-SMOKER            PIC X(01).
               10  PC-ENTRY-AGE            PIC 9(03).
               10  FILLER                  PIC X(04).
      *
       01  POLICY-CLAIM.
           COPY POLKEY REPLACING ==:TAG:== BY ==PL==.
           05  PL-CLAIM-NUMBER             PIC X(12).
           05  PL-LOSS-DATE                PIC 9(05) COMP-3.
           05  PL-REPORTED-AT              PIC X(26).
           05  PL-CAUSE                    PIC X(20).
           05  PL-RESERVE                  PIC S9(09)V99.
           05  PL-PAYMENT-COUNT            PIC 9(02) COMP.
           05  PL-PAYMENT OCCURS 0 TO 12 TIMES
                          DEPENDING ON PL-PAYMENT-COUNT.
               10  PL-PAID-ON              PIC 9(08).
               10  PL-PAID-AMOUNT          PIC S9(09)V99 COMP-3.
               10  PL-PAID-TO              PIC X(20).
