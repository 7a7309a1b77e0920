import { isolationForest } from '../detectors/isolation-forest';
import { kNearestNeighbors } from '../detectors/k-nearest-neighbors';
import { mahalanobis } from '../detectors/mahalanobis';
import { kMeansDistance } from './k-means-ad';
import { windowed } from './windowed';

/**
 * -squared Mahalanobis distance of the window, which is the sum over all principal components of (projection)^2 / variance.
 * The first of 32 methods on the 350 series of TSB-AD-U (mean VUS-PR 0.423). Grows with `times window^2 + window^3`. TSB-AD's
 * `Sub_PCA`, with the variance divided by n.
 */
export const subPCA = windowed('SubPCA', mahalanobis);
/** -distance to the k-th nearest window, as the values are, so that levels count. Grows with times^2. TSB-AD's `Sub_KNN`. */
export const subKNN = windowed('SubKNN', kNearestNeighbors);
/** How soon random splits isolate the window. TSB-AD's `Sub_IForest`. */
export const subIsolationForest = windowed('SubIsolationForest', isolationForest);
/** -distance to the nearest of typical windows, as the values are. TSB-AD's `KMeansAD`. */
export const kMeansAD = windowed('KMeansAD', kMeansDistance);
