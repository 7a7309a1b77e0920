/** The text, in the metadata of a file, that says where a training stands; its presence makes the file a checkpoint. */
export const TRAINING_NOTES = 'dl.training';

/** What the names of the optimizer's tensors in a checkpoint begin with; the model's are as they are. */
export const OPTIMIZER_PREFIX = 'optim.';
