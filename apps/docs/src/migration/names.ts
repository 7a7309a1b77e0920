/** One line of a table of names: what it is called there, and what it is here. */
export interface NameRow {
  readonly theirs: string;
  /** An expression; a test evaluates it with everything that `from` exports, `key`, and tensors `x`, `y` in sight. */
  readonly ours: string;
  /** The entry that has it; absent where it is part of what another line gives. */
  readonly from?: string;
  /** What differs. */
  readonly note?: { readonly en: string; readonly ko: string };
}

const channelsLast = {
  en: 'images are [batch, height, width, channels]',
  ko: '이미지는 [배치, 높이, 너비, 채널] 순서예요',
};
const perStep = { en: 'a function of the step, given as lr', ko: 'lr에 넘기는, 스텝의 함수예요' };

const pytorch: readonly NameRow[] = [
  { theirs: 'torch.tensor([[1., 2.]])', ours: 'tensor([[1, 2]])', from: '@dl/core/ops' },
  {
    theirs: 'x + y, x * y, x @ y.T',
    ours: '[add(x, y), mul(x, y), matMul(x, y, false, true)]',
    from: '@dl/core/ops',
    note: { en: 'functions, not methods', ko: '메서드가 아니라 함수예요' },
  },
  { theirs: 'x.reshape(4), x.sum(0), x.mean()', ours: '[reshape(x, [4]), sum(x, 0), mean(x)]', from: '@dl/core/ops' },
  {
    theirs: 'torch.manual_seed(0)',
    ours: 'key(0)',
    from: '@dl/core',
    note: { en: 'a value that is handed on', ko: '전역 상태가 아니라 넘겨주는 값이에요' },
  },
  { theirs: 'nn.Module', ours: 'Module', from: '@dl/core' },
  { theirs: 'nn.Parameter(t)', ours: 'new Param(x)', from: '@dl/core' },
  {
    theirs: 'nn.Sequential(...)',
    ours: 'sequential({ input: [3], key: key(0) }, [linear({ out: 8 }), relu()])',
    from: '@dl/core/nn',
    note: { en: 'sizes follow from the input', ko: '크기는 입력에서 정해져요' },
  },
  { theirs: 'nn.Linear(3, 2)', ours: 'new Linear({ in: 3, out: 2, key: key(0) })', from: '@dl/core/nn' },
  {
    theirs: 'nn.Embedding(100, 16, padding_idx=0)',
    ours: 'new Embedding({ num: 100, dim: 16, paddingIdx: 0, key: key(0) })',
    from: '@dl/core/nn',
  },
  { theirs: 'nn.LayerNorm(16)', ours: 'new LayerNorm({ normalizedShape: 16 })', from: '@dl/core/nn' },
  { theirs: 'nn.BatchNorm2d(16)', ours: 'new BatchNorm({ channels: 16 })', from: '@dl/core/nn', note: channelsLast },
  {
    theirs: 'nn.Dropout(0.2)',
    ours: 'new Dropout({ rate: 0.2 })',
    from: '@dl/core/nn',
    note: { en: 'drops where the context trains', ko: '컨텍스트가 train일 때만 동작해요' },
  },
  {
    theirs: 'nn.Conv2d(3, 16, 5, padding=2)',
    ours: 'new Conv2d({ in: 3, out: 16, kernel: 5, padding: 2, key: key(0) })',
    from: '@dl/cnn',
    note: channelsLast,
  },
  { theirs: 'nn.MaxPool2d(2)', ours: 'new MaxPool2d({ kernel: 2 })', from: '@dl/cnn' },
  {
    theirs: 'nn.LSTM(32, 64, batch_first=True)',
    ours: 'new LSTM({ in: 32, hidden: 64, key: key(0) })',
    from: '@dl/rnn',
    note: { en: 'always [batch, time, features]', ko: '항상 [배치, 시간, 특성] 순서예요' },
  },
  {
    theirs: 'nn.MultiheadAttention(64, 8)',
    ours: 'new MultiHeadAttention({ dim: 64, heads: 8, key: key(0) })',
    from: '@dl/seq2seq-attention',
  },
  { theirs: 'nn.CrossEntropyLoss()', ours: 'crossEntropy', from: '@dl/core/losses' },
  { theirs: 'nn.BCEWithLogitsLoss()', ours: 'bceWithLogits', from: '@dl/core/losses' },
  { theirs: 'nn.MSELoss(), nn.L1Loss()', ours: '[mse, mae]', from: '@dl/core/losses' },
  { theirs: 'optim.SGD(..., lr=0.1, momentum=0.9)', ours: 'sgd({ lr: 0.1, momentum: 0.9 })', from: '@dl/core/optim' },
  {
    theirs: 'optim.AdamW(..., lr=1e-3)',
    ours: 'adamw({ lr: 1e-3 })',
    from: '@dl/core/optim',
    note: { en: 'parameters come with the step', ko: '매개변수는 학습 스텝에서 받아요' },
  },
  {
    theirs: 'lr_scheduler.CosineAnnealingLR(opt, 100)',
    ours: 'adam({ lr: cosine({ lr: 0.1, tMax: 100 }) })',
    from: '@dl/core/optim',
    note: perStep,
  },
  { theirs: 'clip_grad_norm_(params, 1.0)', ours: 'adam({ lr: 0.1, clipNorm: 1 })', from: '@dl/core/optim' },
  {
    theirs: 'model.train(), model.eval()',
    ours: 'EVAL',
    from: '@dl/core',
    note: {
      en: 'the context of forward(x, ctx); there is no flag',
      ko: 'forward(x, ctx)의 컨텍스트예요. 플래그는 없어요',
    },
  },
  { theirs: 'zero_grad(), backward(), step()', ours: 'trainStep', from: '@dl/core' },
  { theirs: 'gradcheck(f, x)', ours: 'checkGradients', from: '@dl/core' },
  {
    theirs: 'DataLoader(data, 32, shuffle=True)',
    ours: 'Dataset.from([{ x: 1 }]).shuffle(key(0)).batch(32)',
    from: '@dl/core/data',
  },
  { theirs: 'model.state_dict()', ours: 'new Linear({ in: 3, out: 2, key: key(0) }).stateDict()', from: '@dl/core/nn' },
  {
    theirs: 'safetensors.torch.load_model',
    ours: 'loadModel',
    from: '@dl/core/io',
    note: {
      en: 'loadTorch of @dl/cnn where there are convolutions',
      ko: '합성곱이 있으면 @dl/cnn의 loadTorch를 쓰세요',
    },
  },
];

const tfjs: readonly NameRow[] = [
  { theirs: 'await tf.ready()', ours: 'init', from: '@dl/core' },
  {
    theirs: 'tf.tensor([[1, 2]])',
    ours: 'tensor([[1, 2]])',
    from: '@dl/core/ops',
    note: { en: 'the same class of tensors', ko: '같은 텐서 클래스예요' },
  },
  {
    theirs: 'x.add(y), x.reshape([4])',
    ours: '[add(x, y), reshape(x, [4])]',
    from: '@dl/core/ops',
    note: { en: 'functions, not methods', ko: '메서드가 아니라 함수예요' },
  },
  { theirs: 'tf.tidy(f), tf.dispose(x), tf.memory()', ours: '[tidy, dispose, memory]', from: '@dl/core/ops' },
  { theirs: 'tf.grad(f), tf.valueAndGrad(f)', ours: '[grad, valueAndGrad]', from: '@dl/core/ops' },
  { theirs: 'tf.customGrad(f)', ours: 'defineOp', from: '@dl/core/ops' },
  {
    theirs: 'tf.sequential()',
    ours: 'sequential({ input: [3], key: key(0) }, [linear({ out: 8 }), relu()])',
    from: '@dl/core/nn',
  },
  {
    theirs: "tf.layers.dense({ units: 8, activation: 'relu' })",
    ours: "linear({ out: 8, activation: 'relu' })",
    from: '@dl/core/nn',
  },
  {
    theirs: 'tf.layers.embedding({ inputDim: 100, outputDim: 16 })',
    ours: 'embedding({ num: 100, dim: 16 })',
    from: '@dl/core/nn',
  },
  { theirs: 'tf.layers.dropout({ rate: 0.2 })', ours: 'dropout({ rate: 0.2 })', from: '@dl/core/nn' },
  { theirs: 'tf.layers.batchNormalization()', ours: 'batchNorm()', from: '@dl/core/nn' },
  { theirs: 'tf.layers.flatten()', ours: 'flatten()', from: '@dl/core/nn' },
  {
    theirs: "tf.layers.conv2d({ filters: 16, kernelSize: 3, padding: 'same' })",
    ours: "conv2d({ out: 16, kernel: 3, padding: 'same' })",
    from: '@dl/cnn',
  },
  { theirs: 'tf.layers.maxPooling2d({ poolSize: 2 })', ours: 'maxPool2d({ kernel: 2 })', from: '@dl/cnn' },
  {
    theirs: 'tf.layers.lstm({ units: 64, returnSequences: true })',
    ours: "lstm({ hidden: 64, returns: 'all' })",
    from: '@dl/rnn',
  },
  { theirs: 'tf.layers.bidirectional({ layer })', ours: 'lstm({ hidden: 64, bidirectional: true })', from: '@dl/rnn' },
  {
    theirs: "model.compile({ loss: 'meanSquaredError' })",
    ours: 'mse',
    from: '@dl/core/losses',
    note: { en: 'an argument of fit', ko: 'fit의 인자예요' },
  },
  {
    theirs: "'sparseCategoricalCrossentropy'",
    ours: 'crossEntropy',
    from: '@dl/core/losses',
    note: { en: 'takes logits: no softmax before it', ko: '로짓을 받아요. 앞에 softmax를 두지 마세요' },
  },
  { theirs: 'tf.train.adam(0.001)', ours: 'adam({ lr: 0.001 })', from: '@dl/core/optim' },
  { theirs: 'tf.train.momentum(0.1, 0.9)', ours: 'sgd({ lr: 0.1, momentum: 0.9 })', from: '@dl/core/optim' },
  {
    theirs: 'model.fit(x, y, { epochs })',
    ours: 'fit',
    from: '@dl/core',
    note: {
      en: 'iterate over run.epochs(); early stopping is break',
      ko: 'run.epochs()를 반복해요. 조기 종료는 break예요',
    },
  },
  { theirs: 'model.trainOnBatch(x, y)', ours: 'trainStep', from: '@dl/core' },
  { theirs: 'model.evaluate(x, y)', ours: 'evaluate', from: '@dl/core' },
  { theirs: 'tf.data.array(rows).batch(32)', ours: 'Dataset.from([{ x: 1 }]).batch(32)', from: '@dl/core/data' },
  {
    theirs: "model.save('file://...')",
    ours: 'saveModel',
    from: '@dl/core/io',
    note: { en: 'safetensors', ko: 'safetensors 파일이에요' },
  },
];

const scikitLearn: readonly NameRow[] = [
  {
    theirs: 'IsolationForest(random_state=0)',
    ours: 'new novelty.IsolationForest({ key: key(0) })',
    from: '@dl/anomaly',
  },
  {
    theirs: 'IsolationForest().fit_predict(X)',
    ours: 'new outlier.IsolationForest().fitPredict([[1], [2], [9]])',
    from: '@dl/anomaly',
  },
  {
    theirs: 'LocalOutlierFactor(n_neighbors=2)',
    ours: 'new outlier.LocalOutlierFactor({ nNeighbors: 2 })',
    from: '@dl/anomaly',
  },
  { theirs: 'LocalOutlierFactor(novelty=True)', ours: 'new novelty.LocalOutlierFactor()', from: '@dl/anomaly' },
  {
    theirs: 'OneClassSVM(nu=0.1, gamma="scale")',
    ours: "new novelty.OneClassSVM({ nu: 0.1, gamma: 'scale' })",
    from: '@dl/anomaly',
  },
  { theirs: 'SGDOneClassSVM(), Nystroem()', ours: '[new novelty.SGDOneClassSVM(), Nystroem]', from: '@dl/anomaly' },
  {
    theirs: 'EllipticEnvelope(contamination=0.1)',
    ours: 'new outlier.EllipticEnvelope({ contamination: 0.1 })',
    from: '@dl/anomaly',
  },
  {
    theirs: 'GaussianMixture(4).score_samples(X)',
    ours: 'new novelty.GaussianMixture({ nComponents: 4 })',
    from: '@dl/anomaly',
  },
  { theirs: 'PCA(...), reconstruction error', ours: 'new novelty.PCA()', from: '@dl/anomaly' },
  {
    theirs: 'make_pipeline(StandardScaler(), det)',
    ours: "new novelty.KNearestNeighbors({ scaler: 'standard' })",
    from: '@dl/anomaly',
  },
  { theirs: 'SimpleImputer(), then det', ours: "new novelty.ECOD({ missing: 'impute' })", from: '@dl/anomaly' },
  {
    theirs: 'det.score_samples(X)',
    ours: 'new novelty.ECOD().fit([[1], [2], [3]]).scoreSamples([[9]])',
    from: '@dl/anomaly',
    note: { en: 'bigger is more normal, as there', ko: 'scikit-learn처럼 클수록 정상이에요' },
  },
  {
    theirs: 'det.decision_function(X)',
    ours: 'new novelty.ECOD().fit([[1], [2], [3]]).decisionFunction([[9]])',
    from: '@dl/anomaly',
  },
  {
    theirs: 'det.predict(X)',
    ours: 'new novelty.ECOD().fit([[1], [2], [3]]).predict([[9]])',
    from: '@dl/anomaly',
    note: { en: '1 and -1', ko: '1과 -1이에요' },
  },
  { theirs: 'det.offset_', ours: 'new novelty.ECOD().fit([[1], [2], [3]]).offset', from: '@dl/anomaly' },
  {
    theirs: 'lof.negative_outlier_factor_',
    ours: 'new outlier.LocalOutlierFactor({ nNeighbors: 2 })',
    from: '@dl/anomaly',
    note: { en: 'its field scores', ko: 'scores 필드예요' },
  },
  {
    theirs: 'roc_auc_score(y, -s)',
    ours: 'rocAucScore([0.1, 0.9], [0, 1])',
    from: '@dl/anomaly',
    note: { en: 'scores first', ko: '점수가 먼저예요' },
  },
  {
    theirs: 'average_precision_score(y, -s)',
    ours: 'averagePrecisionScore([0.1, 0.9], [0, 1])',
    from: '@dl/anomaly',
    note: { en: 'scores first', ko: '점수가 먼저예요' },
  },
  {
    theirs: 'joblib.dump(det, path)',
    ours: 'saveDetector',
    from: '@dl/anomaly',
    note: { en: 'safetensors; reading runs no code', ko: 'safetensors 파일이에요. 읽을 때 코드가 실행되지 않아요' },
  },
  { theirs: 'StandardScaler(), MinMaxScaler()', ours: '[standardScaler, minMaxScaler]', from: '@dl/core/data' },
];

/** The tables, by whom one comes from. */
export const names = { pytorch, tfjs, 'scikit-learn': scikitLearn } as const satisfies Record<
  string,
  readonly NameRow[]
>;
