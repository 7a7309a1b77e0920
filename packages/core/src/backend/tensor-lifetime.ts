import { engine, type Tensor } from '@tensorflow/tfjs-core';

/** Is told of every tensor that the engine starts and stops to track. */
export interface TensorObserver {
  created(tensor: Tensor): void;
  disposed(tensor: Tensor): void;
}

/** What is needed to free the data of a tensor whose object is gone. */
export type TensorRemains = Pick<Tensor, 'dataId' | 'dtype' | 'size'>;

/** Methods of tfjs's engine that every tensor passes through; private to tfjs 4.22.0. */
interface Tracking {
  trackTensor(tensor: Tensor, backend: unknown): void;
  disposeTensor(tensor: TensorRemains): void;
}

const observers = new Set<TensorObserver>();

/** Observes tensors from now on; costs nothing once every observer is gone. Returns the function that ends it. */
export function observeTensors(observer: TensorObserver): () => void {
  if (observers.size === 0) hook();
  observers.add(observer);
  return () => {
    if (observers.delete(observer) && observers.size === 0) unhook();
  };
}

/** Frees the data of a tensor that was collected before it was disposed of. */
export function disposeRemains(remains: TensorRemains): void {
  (engine() as unknown as Tracking).disposeTensor(remains);
}

function hook(): void {
  const target = engine() as unknown as Tracking;
  const original = Object.getPrototypeOf(target) as Tracking;
  target.trackTensor = function (tensor, backend) {
    original.trackTensor.call(this, tensor, backend);
    for (const observer of observers) observer.created(tensor);
  };
  target.disposeTensor = function (tensor) {
    for (const observer of observers) observer.disposed(tensor as Tensor);
    original.disposeTensor.call(this, tensor);
  };
}

function unhook(): void {
  const target = engine() as unknown as Partial<Tracking>;
  delete target.trackTensor; // the methods of the class come to light again
  delete target.disposeTensor;
}
