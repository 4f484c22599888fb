import { createContext, useContext } from 'react';
import { must } from '../../base/assert.ts';
import type { LabController } from './lab-controller.ts';

export const LabContext = createContext<LabController | undefined>(undefined);
export const useLab = (): LabController => must(useContext(LabContext), 'LabContext');
