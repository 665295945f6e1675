"""Judge a synthetic table against the real one that it imitates, whatever generated it.

===========================  =====================================================================  ==========
figure                       meaning                                                                good
===========================  =====================================================================  ==========
``c2st_gbdt_auc``            AUC of boosted trees, synthetic against training rows                  0.5
``c2st_gbdt_auc_test``       the same against held-out rows, where copying does not help            0.5
``c2st_gbdt_auc_reference``  held-out against training rows                                         0.5
``xgb_all_auc``              XGBoost's defaults, all rows, one-hot, 3 folds (TabPC's board)         0.5
``xgb_heldout_auc``          XGBoost against held-out rows, 5 folds (dependency-gap study)          reference
``xgb_heldout_reference``    the same for training rows                                             0.5
``shape_error``              mean distance of marginals, % (KS of numbers, total variation)         floor
``trend_error``              mean distance of pairs, % (correlation, total variation)               floor
``pair_error_fixed_bins``    mean total variation of pairs, numbers cut at training deciles, %      floor
``*_floor``                  what held-out rows reach, rescaled to the number of synthetic rows
``mle``, ``mle_real``        trees taught by the synthetic (training) table, on held-out rows      equal
``mle_gap``                  how much worse the synthetic table teaches                             0
``alpha_precision``          do synthetic rows fall where real rows fall, %                         100
``beta_recall``              real rows with a synthetic row as near as their nearest real one, %    about 50
``attack_auc``               worst of four membership inference attacks                             0.5
``attack_se``                the standard error of each                                             -
``attack_tpr``               members found at a false positive rate of 1 %, %                       1
``attack_outlier_auc``       the density attack on the tenth of records that lie farthest out       0.5
``dcr_share``                rows nearer to training than to as many held-out rows, %               50
``dcr_excess``               by all training rows: 0 no copying, 100 a copy of every row, %         0
``dcr_excess_se``            its standard error                                                     -
``exact_copies``             rows that equal a training row, %                                      reference
``duplicates``               repeated rows within the table, %                                      reference
``invalid_cells``            numbers outside the training range, unseen categories, %               0
===========================  =====================================================================  ==========

Whoever ranks methods looks first at ``c2st_gbdt_auc`` and ``pair_error_fixed_bins``, and always at
``dcr_excess`` and ``attack_auc`` beside them: a copy of the training table wins everything else.

References
----------
Shape and trend are sdmetrics' Column Shapes and Column Pair Trends on all rows and pairs. Alpha-precision and
beta-recall: Alaa et al. 2022, *How faithful is your synthetic data?*, section 3, in the "naive" variant. MLE
and the choice of figures follow the evaluations of TabSyn (Zhang et al. 2024) and TabDiff (Shi et al. 2025),
the XGBoost figures TabPC (arXiv 2603.23016) and the dependency-gap study, the density attack DOMIAS (van
Breugel et al. 2023, *Membership inference attacks against synthetic data*).
"""

from benchmarks.judge.figures import judge
from benchmarks.judge.tables import Roles

__all__ = ["Roles", "judge"]
