import { init } from '@dl/core';
import { grad, sigmoid, tensor } from '@dl/core/ops';

const { backend, simd } = await init();
console.log(`@dl on ${backend}, SIMD ${simd ?? 'not used'}`);

const x = tensor([-2, 0, 2]);
const y = sigmoid(x);
console.log('sigmoid       ', [...y.dataSync()].map((v) => v.toFixed(6)).join('  '));
console.log('its derivative', [...grad(sigmoid)(x).dataSync()].map((v) => v.toFixed(6)).join('  '));
