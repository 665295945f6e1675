"""Few rows: how well methods learn from 100 to 3,000 of them, and how much of them they give away.

A method learns n rows of a table, half of a small one at most, and draws 5,000, which are judged against up
to 5,000 other real rows. Rows with missing values are left out.

============  ==============================================================================================
figure        meaning
============  ==============================================================================================
``c2st``      AUC of boosted trees that distinguish synthetic from other real rows, up to 5,000 of each
``c2st_1000`` the same with up to 1,000 of each
``nearer``    share of synthetic rows that lie nearer to a training row than to any of n other real rows;
              0.5: nothing is memorised
``attack``    AUC of a membership inference attack: are training rows nearer to synthetic rows than others?
``mle_n``     score (AUC, R2) on other real rows of trees taught by n synthetic rows, ``mle_all`` by all, and
              ``mle_real`` by the n training rows
``pair``      mean total variation distance of pairs, numbers cut at deciles of the other rows, in percent
``copies``    share of synthetic rows that equal a training row, in percent
``cpu_s``     seconds of the processor to fit and to draw
============  ==============================================================================================
"""
